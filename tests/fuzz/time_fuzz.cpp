// SPDX-License-Identifier: Apache-2.0
// Dates and CF time units, "units|calendar" or one date: moments go to numbers and back.
#include "rastream/geo/time_units.h"
#include "tests/fuzz/input.h"

using namespace rastream;

namespace {

void check_moment(Calendar calendar, const DateTime& t) {
  check_date_time(calendar, t);
  fuzz::expect(from_microseconds(calendar, to_microseconds(calendar, t)) == t,
               "a moment comes back from its number");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto bar = text.find('|');
  fuzz::try_it([&] {
    TimeUnits::looks_like(text);
    const auto units = bar == std::string_view::npos
                           ? TimeUnits::parse(text)
                           : TimeUnits::parse(text.substr(0, bar), text.substr(bar + 1));
    for (const double value : {0.0, 10957.5, -1e9, 7e15, 1e300})
      fuzz::try_it([&] { units.encode(units.decode(value)); });
  });
  for (const Calendar calendar : {Calendar::standard, Calendar::day_360, Calendar::noleap}) {
    fuzz::try_it([&] {
      const TimeRange range = parse_partial_date(text, calendar);
      fuzz::expect(range.begin < range.end, "a range of time is not empty");
      check_moment(calendar, range.begin);
    });
    fuzz::try_it([&] { check_moment(calendar, parse_date_time(text, calendar)); });
  }
  return 0;
}
