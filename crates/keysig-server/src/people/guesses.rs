//! Tries at what only one person knows or holds: password, one-time code, recovery code, digits of a mail. All paths count
//! together (`docs/sessions.md`).

use std::net::IpAddr;

use keysig_core::throttle::Try;

use crate::server::{AddressBlock, Host, Server, address_block, host};

/// A try, counted before it is made at the account, the single address and the block of addresses, so that parallel tries
/// cannot slip past. Dropped, it was wrong and stays counted.
#[must_use]
pub struct Guess {
    account: String,
    host: Host,
    block: AddressBlock,
    at_account: Try,
    at_host: Try,
    at_block: Try,
}

impl Guess {
    /// Counts a try. `account` is the canonical address of the account, or the canonical name that was typed if there is
    /// none. `Err` holds the whole seconds to wait: then nothing may be looked at.
    pub fn count(server: &Server, account: String, peer: IpAddr) -> Result<Self, u32> {
        let (now, host, block) = (server.now(), host(peer), address_block(peer));
        let at_block = server.addresses.try_once(block, now)?;
        let at_host = match server.hosts.try_once(host, now) {
            Ok(counted) => counted,
            Err(seconds) => {
                server.addresses.take_back(block, at_block);
                return Err(seconds);
            }
        };
        let at_account = match server.sign_ins.try_once(account.clone(), now) {
            Ok(counted) => counted,
            Err(seconds) => {
                // Nothing was tried: whoever shares the address has lost no try by it.
                server.addresses.take_back(block, at_block);
                server.hosts.take_back(host, at_host);
                return Err(seconds);
            }
        };
        Ok(Self { account, host, block, at_account, at_host, at_block })
    }

    /// It was right, or nobody looked at it: it never happened. Failures before it stay counted, so that a right password
    /// buys no guesses at the second step; a whole sign-in forgives them (`finish`).
    pub fn take_back(self, server: &Server) {
        server.sign_ins.take_back(self.account, self.at_account);
        server.hosts.take_back(self.host, self.at_host);
        server.addresses.take_back(self.block, self.at_block);
    }
}
