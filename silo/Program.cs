// Hosts grains, or runs the command that stands first: see Hosting/SiloProgram.cs.
return await Grid.Silo.Hosting.SiloProgram.MainAsync(args);
