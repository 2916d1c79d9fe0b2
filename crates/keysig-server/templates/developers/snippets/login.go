// Logs you in and prints your name. Go's standard library alone.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
{%- if v.has_secret %}
	"os"
{%- endif %}
	"strings"
)

const (
	server      = "{{ v.server }}"
	clientID    = "{{ v.client_id }}"
	redirectURI = "{{ v.redirect_uri }}"
)

func random() string {
	bytes := make([]byte, 48)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func read(request *http.Request, into any) {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatalf("%s: %s", response.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		log.Fatal(err)
	}
}

func main() {
	state, verifier := random(), random()
	challenge := sha256.Sum256([]byte(verifier))
	fmt.Println("Open this address and log in:")
	fmt.Println(server + "/authorize?" + url.Values{
		"response_type":         {"code"},
		"client_id":             {clientID},
		"redirect_uri":          {redirectURI},
		"scope":                 {"{{ v.scope }}"},
		"state":                 {state},
		"code_challenge_method": {"S256"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}.Encode())

	answers := make(chan url.Values, 1)
	http.HandleFunc("{{ v.path }}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "You can close this page.")
		answers <- r.URL.Query()
	})
	go func() { log.Fatal(http.ListenAndServe("{{ v.address }}", nil)) }()
	answer := <-answers
	if answer.Get("state") != state {
		log.Fatal("This is not the answer to this login.")
	}
	if answer.Has("error") {
		log.Fatal(answer.Get("error"))
	}

	exchange, err := http.NewRequest("POST", server+"/api/token", strings.NewReader(url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {answer.Get("code")},
		"redirect_uri":  {redirectURI},
		"code_verifier": {verifier},
{%- if !v.has_secret %}
		"client_id":     {clientID},
{%- endif %}
	}.Encode()))
	if err != nil {
		log.Fatal(err)
	}
	exchange.Header.Set("Content-Type", "application/x-www-form-urlencoded")
{%- if v.has_secret %}
	exchange.SetBasicAuth(clientID, os.Getenv("CLIENT_SECRET"))
{%- endif %}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	read(exchange, &tokens)

	profile, err := http.NewRequest("GET", server+"{{ v.me }}", nil)
	if err != nil {
		log.Fatal(err)
	}
	profile.Header.Set("Authorization", "Bearer "+tokens.AccessToken)
	var me struct {
		Name string `json:"{{ v.name_field }}"`
	}
	read(profile, &me)
	fmt.Println("Hello,", me.Name)
}
