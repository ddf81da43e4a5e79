"""The socket server: websockets only, pages and API are served by another process.

Browsers' sockets go through Channels (session, origin check, one consumer each). Cars bring their own identity and no
cookie, so their route is a bare ASGI application with a loop of its own: a stock consumer costs a thread hop before
every message.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleet.settings")

from django.core.asgi import get_asgi_application

get_asgi_application()  # sets up Django before anything below imports a model

from fleet.base.sockets import socket_application  # noqa: E402

application = socket_application()
