// SPDX-License-Identifier: Apache-2.0
#include "rastream/store/http/address_zone.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

namespace rastream {
namespace {

struct Net {
  std::uint32_t address;
  int bits;
  AddressZone zone;
};

constexpr std::uint32_t ip(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

/// IANA, "IPv4 Special-Purpose Address Registry".
constexpr Net kNets[] = {
    {ip(0, 0, 0, 0), 8, AddressZone::loopback},
    {ip(127, 0, 0, 0), 8, AddressZone::loopback},
    {ip(10, 0, 0, 0), 8, AddressZone::private_net},
    {ip(172, 16, 0, 0), 12, AddressZone::private_net},
    {ip(192, 168, 0, 0), 16, AddressZone::private_net},
    {ip(100, 64, 0, 0), 10, AddressZone::private_net},
    {ip(169, 254, 0, 0), 16, AddressZone::link_local},
    {ip(192, 0, 0, 0), 24, AddressZone::link_local},
    {ip(198, 18, 0, 0), 15, AddressZone::link_local},
    {ip(224, 0, 0, 0), 3, AddressZone::link_local},
};

AddressZone zone_of_ipv4(std::uint32_t address) {
  for (const Net& net : kNets) {
    if ((address ^ net.address) >> (32 - net.bits) == 0) return net.zone;
  }
  return AddressZone::everywhere;
}

std::uint32_t ipv4_at(const std::uint8_t* b) { return ip(b[0], b[1], b[2], b[3]); }

AddressZone zone_of_ipv6(const std::uint8_t (&b)[16]) {
  const auto are_zero = [&](int begin, int end) {
    return std::all_of(b + begin, b + end, [](std::uint8_t x) { return x == 0; });
  };
  if (are_zero(0, 15) && b[15] <= 1) return AddressZone::loopback;
  const bool is_mapped = are_zero(0, 10) && b[10] == 0xff && b[11] == 0xff;
  const bool is_compatible = are_zero(0, 12);
  const bool is_nat64 = b[0] == 0 && b[1] == 0x64 && b[2] == 0xff && b[3] == 0x9b;
  if (is_mapped || is_compatible || is_nat64) return zone_of_ipv4(ipv4_at(b + 12));
  if (b[0] == 0x20 && b[1] == 0x02) return zone_of_ipv4(ipv4_at(b + 2));  // 6to4
  if ((b[0] & 0xfe) == 0xfc) return AddressZone::private_net;
  if ((b[0] == 0xfe && (b[1] & 0x80) == 0x80) || b[0] == 0xff) return AddressZone::link_local;
  return AddressZone::everywhere;
}

}  // namespace

std::string_view to_string(AddressZone zone) {
  switch (zone) {
    case AddressZone::everywhere: return "public";
    case AddressZone::private_net: return "private";
    case AddressZone::link_local: return "link-local or reserved";
    case AddressZone::loopback: break;
  }
  return "loopback";
}

AddressZone zone_of(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    return zone_of_ipv4(ntohl(v4.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return AddressZone::loopback;
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof v6);
  return zone_of_ipv6(v6.sin6_addr.s6_addr);
}

AddressZone zone_of_text(std::string_view address) {
  const std::string text(address);
  in_addr v4;
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return zone_of_ipv4(ntohl(v4.s_addr));
  in6_addr v6;
  if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1) return zone_of_ipv6(v6.s6_addr);
  return AddressZone::everywhere;
}

bool is_loopback_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host == "localhost" || zone_of_text(host) == AddressZone::loopback;
}

}  // namespace rastream
