// SPDX-License-Identifier: MIT

internal import CameraCore

extension LibCameraSettings {
    /// A whole number over one of libcamera's, whose neutral value is that which the camera starts with.
    func scaled(_ name: String, _ values: ClosedRange<Int>, neutral: Int, initial: Double) -> Mapping? {
        guard let range = range(name) else { return nil }
        // Where libcamera does not tell, what its documentation says.
        let first = controls[name]?.defaultValue?.numbers.first ?? initial
        guard
            let scale = SettingScale(
                values, neutral: neutral, minimum: range.lowerBound, initial: first, maximum: range.upperBound)
        else { return nil }
        let number = present(name)?.numbers.first ?? first
        return Mapping(
            values: .integers(scale.values), value: .integer(scale.value(number)), initial: .integer(neutral)
        ) { wish in
            guard case .integer(let number) = wish else { return [] }
            return [(name, value(scale.native(number), for: name))]
        }
    }

    /// A word over a menu; nil where it has at most one of the choices.
    func menu(_ name: String, _ table: [(word: String, choice: Int64)]) -> Mapping? {
        let available = choices(name)
        let entries = table.filter { available.contains($0.choice) }
        guard entries.count > 1 else { return nil }
        func word(_ value: ControlValue?) -> SettingValue? {
            entries.first { Double($0.choice) == value?.numbers.first }.map { .choice($0.word) }
        }
        return Mapping(
            values: .choices(entries.map(\.word)), value: word(present(name)),
            initial: word(controls[name]?.defaultValue)
        ) { value in
            guard case .choice(let word) = value, let entry = entries.first(where: { $0.word == word }) else {
                return []
            }
            return [(name, .integer(entry.choice))]
        }
    }

    /// libcamera's lights (`AwbMode`), and whether it looks for white at all (`AwbEnable`).
    var awbMode: Mapping? {
        let all: [(AWBMode, Int64)] = [
            (.auto, 0), (.incandescent, 1), (.tungsten, 2), (.fluorescent, 3), (.sunlight, 5), (.cloudy, 6),
        ]
        let available = choices("AwbMode")
        let modes = all.filter { available.isEmpty ? $0.0 == .auto : available.contains($0.1) }
        let words = (controls["AwbEnable"] == nil ? [] : [.off]) + modes.map(\.0)
        guard words.count > 1 else { return nil }
        func word(_ isOn: ControlValue?, _ mode: ControlValue?) -> SettingValue? {
            if isOn == .integer(0) { return .choice(AWBMode.off.rawValue) }
            let number = mode?.numbers.first ?? 0
            return modes.first { Double($0.1) == number }.map { .choice($0.0.rawValue) }
        }
        return Mapping(
            values: .choices(words.map(\.rawValue)), value: word(present("AwbEnable"), present("AwbMode")),
            initial: word(controls["AwbEnable"]?.defaultValue, controls["AwbMode"]?.defaultValue)
        ) { value in
            guard case .choice(let word) = value else { return [] }
            let isOff = word == AWBMode.off.rawValue
            var changes: [Change] = []
            if controls["AwbEnable"] != nil { changes.append(("AwbEnable", .integer(isOff ? 0 : 1))) }
            // Gains of one's own would end the automatic again.
            if !isOff { changes.append(("ColourGains", nil)) }
            if !available.isEmpty, let mode = modes.first(where: { $0.0.rawValue == word }) {
                changes.append(("AwbMode", .integer(mode.1)))
            }
            return changes
        }
    }

    /// The factors of red and blue (`ColourGains`); setting them ends the automatic.
    var awbGains: Mapping? {
        guard let range = range("ColourGains"), range.upperBound > 0 else { return nil }
        let numbers = (taken("ColourGains") ?? present("ColourGains"))?.numbers ?? []
        let gains = numbers.count == 2 ? AWBGains(red: numbers[0], blue: numbers[1]) : nil
        return Mapping(
            values: .gains(max(range.lowerBound, 0)...min(range.upperBound, 8)), value: gains.map(SettingValue.gains),
            initial: nil
        ) { value in
            guard case .gains(let gains) = value else { return [] }
            let off: [Change] = controls["AwbEnable"] == nil ? [] : [("AwbEnable", .integer(0))]
            return off + [("ColourGains", .array([.number(gains.red), .number(gains.blue)]))]
        }
    }

    /// The part of the picture (`ScalerCrop`), in pixels of the sensor; what the camera starts with is all of it.
    var zoom: Mapping? {
        guard let all = controls["ScalerCrop"]?.defaultValue?.numbers, all.count == 4, all[2] > 0, all[3] > 0,
            let part = present("ScalerCrop")?.numbers, part.count == 4
        else { return nil }
        let region = ZoomRegion(
            x: (part[0] - all[0]) / all[2], y: (part[1] - all[1]) / all[3], width: part[2] / all[2],
            height: part[3] / all[3])
        return Mapping(values: .regions, value: .region(region), initial: .region(.full)) { value in
            guard case .region(let region) = value else { return [] }
            let left = (all[0] + region.x * all[2]).rounded()
            let top = (all[1] + region.y * all[3]).rounded()
            let right = (all[0] + min(region.x + region.width, 1) * all[2]).rounded()
            let bottom = (all[1] + min(region.y + region.height, 1) * all[3]).rounded()
            let numbers = [left, top, max(right - left, 1), max(bottom - top, 1)]
            return [("ScalerCrop", .array(numbers.map { .integer(Int64($0)) }))]
        }
    }

    /// No noise reduction, or the quick one of video (`NoiseReductionMode`).
    var videoDenoise: Mapping? {
        let available = choices("NoiseReductionMode")
        // Fast, or else minimal, or else that of pictures.
        guard available.contains(0), let on = [Int64(1), 3, 2].first(where: available.contains) else { return nil }
        func isOn(_ value: ControlValue?) -> SettingValue? { value?.numbers.first.map { .boolean($0 != 0) } }
        return Mapping(
            values: .boolean, value: isOn(present("NoiseReductionMode")),
            initial: isOn(controls["NoiseReductionMode"]?.defaultValue)
        ) { value in
            guard case .boolean(let isOn) = value else { return [] }
            return [("NoiseReductionMode", .integer(isOn ? on : 0))]
        }
    }
}
