// Without a command the silo hosts grains. Commands: see Commands/SiloCommands.cs.
return await Grid.Silo.Commands.SiloCommands.RunAsync(args);
