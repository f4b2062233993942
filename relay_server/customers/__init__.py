"""Who asks for help: device keys, profiles."""
