"""Pages for officers: server-rendered, whole without JavaScript."""
