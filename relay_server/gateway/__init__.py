"""The relay's only door: TLS, links, a little HTTP. It decodes, asks the services and fans out what was committed."""
