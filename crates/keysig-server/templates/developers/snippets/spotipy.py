# Logs you in and prints your name and your playlists, with spotipy (pip install spotipy).
{%- if v.has_secret %}
import os
{%- endif %}
import secrets

import spotipy
from spotipy.cache_handler import MemoryCacheHandler

SERVER = "{{ v.server }}"
Login = spotipy.{% if v.has_secret %}SpotifyOAuth{% else %}SpotifyPKCE{% endif %}
Login.OAUTH_AUTHORIZE_URL = SERVER + "/authorize"
Login.OAUTH_TOKEN_URL = SERVER + "/api/token"

login = Login(
    client_id="{{ v.client_id }}",
{%- if v.has_secret %}
    client_secret=os.environ["CLIENT_SECRET"],
{%- endif %}
    redirect_uri="{{ v.redirect_uri }}",
    scope="{{ v.scope }} playlist-read-private",
    state=secrets.token_urlsafe(16),
    cache_handler=MemoryCacheHandler(),
)
api = spotipy.Spotify(auth_manager=login)
api.prefix = SERVER + "/v1/"

print("Hello,", api.current_user()["display_name"])
for playlist in api.current_user_playlists()["items"]:
    print("-", playlist["name"])
