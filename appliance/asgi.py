import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "appliance.settings")
http = get_asgi_application()

from appliance.sockets import websocket_urlpatterns  # noqa: E402 - consumers need the loaded apps

application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
