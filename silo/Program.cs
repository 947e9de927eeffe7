// Hosts grains, or runs the command that stands first: see Commands/SiloCommands.cs.
return await Grid.Silo.Commands.SiloCommands.RunAsync(args);
