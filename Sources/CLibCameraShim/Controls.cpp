// SPDX-License-Identifier: MIT

#if __has_include(<libcamera/libcamera.h>)

#include "Session.hpp"

#include "Drift.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

using namespace libcamera;

/// How many numbers one value of a type has.
static size_t numbersPerValue(clc_type type) {
    switch (type) {
    case CLC_TYPE_RECTANGLE: return 4;
    case CLC_TYPE_SIZE:
    case CLC_TYPE_POINT: return 2;
    default: return 1;
    }
}

static clc_value numbers(const ControlValue &source) {
    clc_value result{};
    const size_t count = source.numElements() * numbersPerValue(drift::type(source.type()));
    if (source.isNone() || count > CLC_MAX_NUMBERS) return result;
    drift::withElement(source.type(), [&](auto element) {
        const auto bytes = source.data();
        for (size_t index = 0; index < count; index++) {
            std::memcpy(&element, bytes.data() + index * sizeof element, sizeof element);
            result.numbers[index] = static_cast<double>(element);
        }
        result.count = static_cast<uint32_t>(count);
    });
    return result;
}

void clc_session::controls(void *context, void (*visit)(void *, const clc_control *)) const {
    for (const auto &[id, info] : camera->controls()) {
        const auto names = drift::choices(*id);
        std::vector<clc_choice> choices;
        const auto add = [&](int32_t number) {
            const auto found = names.find(number);
            if (found != names.end()) choices.push_back({number, found->second.c_str()});
        };
        if (!names.empty() && !info.values().empty()) {
            for (const ControlValue &value : info.values())
                if (value.type() == ControlTypeInteger32 && !value.isArray()) add(value.get<int32_t>());
        } else {
            for (const auto &[number, name] : names) choices.push_back({number, name.c_str()});
        }
        clc_control control{};
        control.id = id->id();
        control.name = id->name().c_str();
        control.type = drift::type(id->type());
        control.length = drift::length(*id);
        control.minimum = numbers(info.min());
        control.maximum = numbers(info.max());
        control.initial = numbers(info.def());
        control.choices = choices.data();
        control.choice_count = choices.size();
        visit(context, &control);
    }
}

int clc_session::setControl(uint32_t id, const double *source, size_t count) {
    const auto &known = camera->controls().idmap();
    const auto found = known.find(id);
    if (found == known.end()) return -ENOENT;
    if (count == 0) {
        const std::lock_guard lock(settingsMutex);
        for (Settings *list : {&settings, &news})
            std::erase_if(*list, [&](const auto &entry) { return entry.first == id; });
        return 0;
    }
    const ControlId &control = *found->second;
    const size_t perValue = numbersPerValue(drift::type(control.type()));
    const uint32_t length = drift::length(control);
    if (count % perValue != 0 || (length != 0 && count != length * perValue)) return -EINVAL;
    ControlValue value;
    const bool isKnown = drift::withElement(control.type(), [&](auto element) {
        using Element = decltype(element);
        value.reserve(control.type(), length != 1, count / perValue);
        const auto bytes = value.data();
        for (size_t index = 0; index < count; index++) {
            if constexpr (std::is_same_v<Element, bool>) {
                element = source[index] != 0;
            } else if constexpr (std::is_integral_v<Element>) {
                // 2^63 itself is no Int64, so the upper limit is left out.
                const double low = static_cast<double>(std::numeric_limits<Element>::min());
                const double high = static_cast<double>(std::numeric_limits<Element>::max());
                const double rounded = std::round(source[index]);
                element = rounded <= low ? std::numeric_limits<Element>::min()
                    : rounded >= high    ? std::numeric_limits<Element>::max()
                                         : static_cast<Element>(rounded);
            } else {
                element = static_cast<Element>(source[index]);
            }
            std::memcpy(bytes.data() + index * sizeof element, &element, sizeof element);
        }
    });
    if (!isKnown) return -EOPNOTSUPP;
    const auto put = [&](Settings &list) {
        const auto place = std::find_if(list.begin(), list.end(), [&](const auto &entry) { return entry.first == id; });
        if (place != list.end())
            place->second = value;
        else
            list.emplace_back(id, value);
    };
    const std::lock_guard lock(settingsMutex);
    put(settings);
    put(news);
    return 0;
}

#endif
