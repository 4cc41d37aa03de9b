"""The live stream: the view checks, the middleware hands the connection over, one process serves all streams."""
