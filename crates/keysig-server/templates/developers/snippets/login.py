# Logs you in and prints your name. Python's standard library alone.
import base64, hashlib, http.server, json, {% if v.has_secret %}os, {% endif %}secrets, urllib.parse, urllib.request

SERVER = "{{ v.server }}"
CLIENT_ID = "{{ v.client_id }}"
REDIRECT_URI = "{{ v.redirect_uri }}"

state = secrets.token_urlsafe(16)
verifier = secrets.token_urlsafe(48)
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Callback(http.server.BaseHTTPRequestHandler):
    answer = None

    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        if address.path == "{{ v.path }}":
            Callback.answer = dict(urllib.parse.parse_qsl(address.query))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"You can close this page.")


def read(address, fields=None, headers={}):
    body = urllib.parse.urlencode(fields).encode() if fields else None
    with urllib.request.urlopen(urllib.request.Request(address, body, headers)) as answer:
        return json.load(answer)


with http.server.HTTPServer(("{{ v.host }}", {{ v.port }}), Callback) as listener:
    print("Open this address and log in:")
    print(SERVER + "/authorize?" + urllib.parse.urlencode({
        "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": REDIRECT_URI, "scope": "{{ v.scope }}",
        "state": state, "code_challenge_method": "S256", "code_challenge": challenge,
    }), flush=True)
    while Callback.answer is None:
        listener.handle_request()

if Callback.answer.get("state") != state:
    raise SystemExit("This is not the answer to this login.")
if "error" in Callback.answer:
    raise SystemExit(Callback.answer["error"])
{%- if v.has_secret %}
basic = base64.b64encode(f"{CLIENT_ID}:{os.environ['CLIENT_SECRET']}".encode()).decode()
{%- endif %}
tokens = read(SERVER + "/api/token", {
    "grant_type": "authorization_code", "code": Callback.answer["code"], "redirect_uri": REDIRECT_URI,
    "code_verifier": verifier,{% if !v.has_secret %} "client_id": CLIENT_ID,{% endif %}
}{% if v.has_secret %}, {"Authorization": f"Basic {basic}"}{% endif %})
me = read(SERVER + "{{ v.me }}", headers={"Authorization": f"Bearer {tokens['access_token']}"})
print("Hello,", me["{{ v.name_field }}"])
