//! One test for each thing that the RFCs require: the request that breaks only that rule.
//! A: authorization endpoint. T: token endpoint. R: bearer use, revocation, introspection. O: OpenID Connect.

mod assertions;
mod authorize;
mod bearer;
mod openid;
mod redirect_uris;
mod token;
