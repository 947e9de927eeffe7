// Serves the gateway, or runs the command that stands first: see Commands/CommandTable.cs.
return await Grid.Gateway.Commands.CommandTable.RunAsync(args);
