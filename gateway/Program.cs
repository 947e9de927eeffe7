// Serves the gateway, or runs the command that stands first: see Commands/GatewayCommands.cs.
return await Grid.Gateway.Commands.GatewayCommands.RunAsync(args);
