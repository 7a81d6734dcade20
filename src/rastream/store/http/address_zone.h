// SPDX-License-Identifier: Apache-2.0
// How far an address of the network reaches: what a document from outside may not name.
#pragma once

#include <string_view>

struct sockaddr;

namespace rastream {

/// From the widest to the narrowest. A document or a redirect may name addresses of the zone of the
/// server that it came from, and of wider ones.
enum class AddressZone {
  everywhere,   ///< public addresses
  private_net,  ///< 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7
  link_local,   ///< 169.254/16 (clouds keep their secrets there), fe80::/10, and all that is no
                ///< host's address: multicast, reserved
  loopback,     ///< 127/8, 0/8, ::1, ::
};

std::string_view to_string(AddressZone zone);

/// Of an address that a connection goes to; IPv4 inside IPv6 (mapped, 6to4, NAT64, compatible)
/// counts as the IPv4 address. Other families than IP: loopback.
AddressZone zone_of(const sockaddr& address);

/// Of an address in text, such as "10.0.0.1" or "::1"; what is no address is `everywhere`.
AddressZone zone_of_text(std::string_view address);

/// True when a host of a URL is this machine by its text alone: "localhost", 127.x.y.z, "[::1]".
bool is_loopback_host(std::string_view host);

}  // namespace rastream
