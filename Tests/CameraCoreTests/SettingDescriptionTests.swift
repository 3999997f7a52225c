// SPDX-License-Identifier: MIT

import CameraCore
import Testing

/// What settings take, as values and as text.
struct SettingDescriptionTests {
    static let rates = FrameRateRange(low: 5, high: 30)

    @Test(arguments: [
        (SettingDescription.Values.integers(0...100), "60", SettingValue.integer(60)),
        (.oneOf([0, 90]), "90", .integer(90)), (.numbers(-1...1), "0.25", .number(0.25)),
        (.boolean, "on", .boolean(true)), (.boolean, "0", .boolean(false)),
        (.choices(["off", "auto"]), "Auto", .choice("auto")),
        (.durations(.zero ... .seconds(1)), "0", .duration(.zero)),
        (.durations(.zero ... .seconds(1)), "10000", .duration(.milliseconds(10))),
        (.durations(.zero ... .seconds(1)), "250us", .duration(.microseconds(250))),
        (.durations(.zero ... .seconds(1)), "12.5ms", .duration(.microseconds(12500))),
        (.durations(.zero ... .seconds(1)), "1s", .duration(.seconds(1))),
        (.gains(0...8), "1.5,1.2", .gains(AWBGains(red: 1.5, blue: 1.2))),
        (.gains(0...8), "2", .gains(AWBGains(red: 2, blue: 2))),
        (.regions, "0.25,0.25,0.5,0.5", .region(ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))),
        (.rates(rates), "10,29.97", .rates(FrameRateRange(low: 10, high: FrameRate(30000, 1001)))),
    ]) func textIsRead(values: SettingDescription.Values, text: String, wanted: SettingValue) throws {
        let setting = SettingDescription(.iso, values, value: nil)
        #expect(try setting.value(parsing: text, of: "camera") == wanted)
        // What is told can be set again.
        #expect(try setting.value(parsing: wanted.description, of: "camera") == wanted)
    }

    @Test(arguments: [
        (SettingDescription.Values.integers(0...100), "101", "from 0 to 100"), (.integers(0...100), "5.5", "from 0"),
        (.integers(0...100), "", "from 0"), (.oneOf([0, 90]), "45", "0, 90"), (.numbers(-1...1), "nan", "-1.0 to 1.0"),
        (.boolean, "maybe", "on and off"), (.choices(["off", "auto"]), "night", "off, auto"),
        (.durations(.milliseconds(1) ... .seconds(1)), "0", "1000us to 1000000us"),
        (.durations(.zero ... .seconds(1)), "-1", "0 for automatic"),
        (.durations(.zero ... .seconds(1)), "2s", "to 1000000us"), (.gains(0...8), "9,1", "two factors"),
        (.gains(0...8), "1,x", "two factors"), (.gains(0...8), "1,2,3", "two factors"), (.gains(0...8), "", "two"),
        (.regions, "0.5,0.5,0.6,0.5", "shares"), (.regions, "0,0,0,1", "shares"), (.regions, "0,0,1", "shares"),
        (.rates(rates), "1,30", "within 5 and 30"), (.rates(rates), "20,10", "within 5 and 30"),
    ]) func whatIsNotTakenIsRefusedWithTheRange(
        values: SettingDescription.Values, text: String, hint: String
    ) throws {
        let setting = SettingDescription(.iso, values, value: nil)
        let error = try #require(throws: CameraError.self) { try setting.value(parsing: text, of: "camera") }
        #expect(error.code == .invalidValue)
        #expect(error.description.contains(hint) && error.description.contains("iso"), "\(error)")
    }

    @Test func whatIsOnlyReadIsNotSet() throws {
        let setting = SettingDescription(.analogGain, .numbers(0...8), value: .number(2), isWritable: false)
        let error = try #require(throws: CameraError.self) { try setting.value(parsing: "1", of: "camera") }
        #expect(error.code == .unsupported && error.description.contains("only be read"))
    }

    @Test func namesAreThoseOfPicamera() {
        #expect(CameraSetting.allCases.map(\.rawValue).allSatisfy { $0 == $0.lowercased() })
        #expect(
            ExposureMode.allCases.map(\.rawValue).joined(separator: " ")
                == "off auto night nightpreview backlight spotlight sports snow beach verylong fixedfps antishake fireworks"
        )
        #expect(
            AWBMode.allCases.map(\.rawValue).joined(separator: " ")
                == "off auto sunlight cloudy shade tungsten fluorescent incandescent flash horizon")
        #expect(MeterMode.allCases.map(\.rawValue) == ["average", "spot", "backlit", "matrix"])
        #expect(FlashMode.allCases.map(\.rawValue) == ["off", "auto", "on", "redeye", "fillin", "torch"])
        #expect(DRCStrength.allCases.map(\.rawValue) == ["off", "low", "medium", "high"])
    }
}
