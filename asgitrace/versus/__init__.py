"""The same exchanges against one app under several servers, and where its ASGI events differ.

`plays` says what can be played, `builtin` and `recorded` what is, `player` plays it over a socket,
`running` runs the servers, `facts` makes an exchange comparable, `differences` compares, `report`
and `document` tell what came of it.
"""
