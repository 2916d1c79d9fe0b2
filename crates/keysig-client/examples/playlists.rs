//! A command-line login: `KEYSIG_CLIENT_ID=demo-public KEYSIG_REDIRECT_URI=http://127.0.0.1:8888/callback
//! KEYSIG_BASE=http://127.0.0.1:8080 cargo run -p keysig-client --example playlists`

use keysig_client::{Client, scopes};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let (url, pending) = client.login(scopes![PlaylistReadPrivate])?;
    println!("Open {url}\nand paste the address you were sent back to:");
    let mut callback = String::new();
    std::io::stdin().read_line(&mut callback)?;
    let session = client.finish(pending, &callback).await?;
    for playlist in session.playlists().await? {
        println!("{} ({})", playlist.name, playlist.item_count());
    }
    Ok(())
}
