// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// Controls of a camera over a scripted driver.
struct V4L2ControlTests {
    private let driver: ScriptedDriver
    private let camera: V4L2Camera

    init() throws {
        var description = ScriptedDriver.Description()
        description.controls = [
            .init(1, "User Controls", kind: 6, 0...0, value: 0),
            .init(2, "Brightness", kind: 1, -64...64, value: 5, initial: 0),
            .init(3, "White Balance, Automatic", kind: 2, 0...1, value: 1),
            .init(
                4, "Power Line Frequency", kind: 3, 0...3, value: 1,
                choices: [0: "Disabled", 1: "50 Hz", 3: "Auto"]),
            .init(5, "Link Frequency", kind: 9, 0...1, value: 0, choices: [0: "1000", 1: "2000"]),
            .init(6, "Label", kind: 7, 2...8, value: 0),
            .init(7, "Gain (read only)", kind: 1, 0...9, value: 3, flags: 0x4),
            .init(8, "Reset", kind: 4, 0...0, value: 0, flags: 0x40),
            .init(9, "Lost", kind: 1, 0...9, value: 0, flags: 0x1),
            .init(10, "Senseless", kind: 1, 0...0, value: 0),
            .init(11, "Integer 64 Bits", kind: 5, .min ... .max, value: -6_000_000_000, initial: 0),
            .init(12, "Bitmask", kind: 8, 0...0, value: 0x8000_0000),
            .init(13, "Stepped", kind: 1, 0...100, value: 0, step: 8),
            .init(14, "Temperature", kind: 1, 2000...9000, value: 5000, initial: 5000, flags: 0x10),
            .init(15, "Layout", kind: 1, 0...3, value: 0, flags: 0x2),
            .init(16, "Focus", kind: 1, 0...9, value: 4, flags: 0x80),
            .init(20, "U8 2x3 Array", kind: 0x100, 0...200, elementByteCount: 1, dimensions: [2, 3]),
            .init(21, "U16 Array", kind: 0x101, 0...60000, elementByteCount: 2, dimensions: [2]),
            .init(22, "U32 Array", kind: 0x102, 0...4_000_000_000, elementByteCount: 4, dimensions: [2]),
            .init(23, "S32 2 Element Array", kind: 1, -1000...1000, elementByteCount: 4, dimensions: [2]),
            .init(24, "S64 Array", kind: 5, .min ... .max, elementByteCount: 8, dimensions: [2]),
            .init(25, "U32 Dynamic", kind: 0x102, 0...90, elementByteCount: 4, dimensions: [5], isDynamic: true),
            .init(26, "Area", kind: 0x106, 0...0, elementByteCount: 8, dimensions: []),
            .init(27, "Codec Structure", kind: 0x200, 0...0, elementByteCount: 12, dimensions: []),
        ]
        let bitmask = try #require(description.controls.firstIndex { $0.name == "Bitmask" })
        description.controls[bitmask].range = 0...0x8040_2010
        let label = try #require(description.controls.firstIndex { $0.name == "Label" })
        description.controls[label].flags = 0x100
        driver = ScriptedDriver(description)
        camera = try V4L2Camera("/dev/video0", calls: driver.calls)
    }

    private func control(_ name: String) throws -> CameraControl {
        try #require(try camera.controls().first { $0.name == name })
    }

    @Test func controlsAreListedByNamesAndKinds() throws {
        let controls = try camera.controls()
        #expect(
            controls.map(\.name) == [
                "brightness", "white_balance_automatic", "power_line_frequency", "link_frequency", "label",
                "gain_read_only", "reset", "senseless", "integer_64_bits", "bitmask", "stepped", "temperature",
                "layout", "focus", "u8_2x3_array", "u16_array", "u32_array", "s32_2_element_array", "s64_array",
                "u32_dynamic", "area", "codec_structure",
            ])
        #expect(controls[0].kind == .integer(-64...64, step: 1))
        #expect(controls[0].value == .integer(5))
        #expect(controls[0].defaultValue == .integer(0))
        #expect(controls[1].kind == .boolean)
        #expect(
            controls[2].kind
                == .menu([
                    .init(number: 0, name: "Disabled"), .init(number: 1, name: "50 Hz"), .init(number: 3, name: "Auto"),
                ]))
        #expect(controls[3].kind == .menu([.init(number: 0, name: "1000"), .init(number: 1, name: "2000")]))
        #expect(controls[4].kind == .text(2...8))
        #expect(controls[4].defaultValue == .text("  "))
        #expect(!controls[5].isWritable && controls[5].traits == .readOnly)
        #expect(controls[6].kind == .button && controls[6].value == nil && controls[6].traits == .writeOnly)
        #expect(controls[8].kind == .integer(.min ... .max, step: 1))
        #expect(controls[8].value == .integer(-6_000_000_000))
        #expect(controls[9].kind == .bitmask(0x8040_2010) && controls[9].value == .integer(0x8000_0000))
        #expect(controls[10].kind == .integer(0...100, step: 8))
        #expect(controls[11].isWritable && controls[11].traits == .inactive)
        #expect(!controls[12].isWritable && controls[12].traits == .busy)
        #expect(controls[13].traits == .volatile)
        #expect(controls[14].kind == .array(0...200, step: 1, dimensions: [2, 3]))
        #expect(controls[14].value == .array(Array(repeating: .integer(0), count: 6)))
        #expect(controls[19].kind == .list(0...90, step: 1, limit: 5))
        #expect(controls[20].kind == .array(1...0xFFFF_FFFF, step: 1, dimensions: [2]))
        #expect(controls[21].kind == .other && controls[21].value == nil)
    }

    @Test func valuesAreSet() throws {
        try camera.setControl("brightness", to: .integer(-12))
        #expect(driver.value(ofControl: "Brightness") == -12)
        try camera.setControl("brightness", to: .text("30"))
        #expect(driver.value(ofControl: "Brightness") == 30)
        try camera.setControl("white_balance_automatic", to: .text("off"))
        #expect(driver.value(ofControl: "White Balance, Automatic") == 0)
        try camera.setControl("power_line_frequency", to: .text("auto"))
        #expect(driver.value(ofControl: "Power Line Frequency") == 3)
        try camera.setControl("power_line_frequency", to: .integer(0))
        #expect(driver.value(ofControl: "Power Line Frequency") == 0)
        try camera.setControl("link_frequency", to: .text("2000"))
        #expect(driver.value(ofControl: "Link Frequency") == 1)
        try camera.setControl("label", to: .text("hall"))
        #expect(driver.text(ofControl: "Label") == "hall")
        #expect(try control("label").value == .text("hall"))
        try camera.setControl("bitmask", to: .text("0x00402010"))
        #expect(driver.value(ofControl: "Bitmask") == 0x40_2010)
        try camera.setControl("integer_64_bits", to: .integer(.min))
        #expect(try control("integer_64_bits").value == .integer(.min))
        try camera.setControl("reset", to: .integer(1))
        try camera.setControl("temperature", to: .integer(3000))
        #expect(try control("temperature").value == .integer(3000))
    }

    /// 3 and 5 lie between the steps 0 and 8.
    @Test(arguments: [(3, 0), (4, 8), (5, 8), (96, 96), (100, 96)])
    func whatLiesBetweenTwoStepsBecomesTheNearer(value: Int64, wanted: Int64) throws {
        try camera.setControl("stepped", to: .integer(value))
        #expect(try control("stepped").value == .integer(wanted))
    }

    @Test(
        arguments: [
            ("u8_2x3_array", [0, 1, 2, 128, 199, 200]), ("u16_array", [300, 60000]),
            ("u32_array", [1, 4_000_000_000]), ("s32_2_element_array", [-1000, 999]), ("s64_array", [.min, .max]),
            ("area", [1920, 1080]), ("u32_dynamic", [1, 2, 90]), ("u32_dynamic", [7]),
        ] as [(String, [Int64])]) func arraysComeBack(name: String, numbers: [Int64]) throws
    {
        let value = ControlValue.array(numbers.map(ControlValue.integer))
        try camera.setControl(name, to: value)
        #expect(try control(name).value == value)
        try camera.setControl(name, to: .array(numbers.reversed().map(ControlValue.integer)))
        try camera.setControl(name, to: .text(value.description))
        #expect(try control(name).value == value)
    }

    /// Where an array's neighbours lie in memory is the kernel's business: the last axis runs fastest.
    @Test func arraysLieRowByRow() throws {
        try camera.setControl("u8_2x3_array", to: .text("1,2,3,4,5,6"))
        #expect(driver.bytes(ofControl: "U8 2x3 Array") == [1, 2, 3, 4, 5, 6])
        try camera.setControl("u16_array", to: .text("258,1"))
        #expect(driver.bytes(ofControl: "U16 Array") == (1.littleEndian == 1 ? [2, 1, 1, 0] : [1, 2, 0, 1]))
    }

    @Test(arguments: [
        ("brightness", ControlValue.integer(65), CameraError.Code.invalidValue, "-64 to 64"),
        ("brightness", .text("much"), .invalidValue, "-64 to 64"), ("brightness", .number(0.5), .invalidValue, "-64"),
        ("white_balance_automatic", .integer(2), .invalidValue, "0 and 1"),
        ("power_line_frequency", .integer(2), .invalidValue, "1 (50 Hz)"),
        ("label", .text("x"), .invalidValue, "2 to 8 bytes"),
        ("label", .text("123456789"), .invalidValue, "2 to 8 bytes"),
        ("gain_read_only", .integer(1), .unsupported, "only be read"),
        ("layout", .integer(1), .unsupported, "while the camera runs"),
        ("bitmask", .integer(1), .invalidValue, "0x80402010"),
        ("bitmask", .text("-1"), .invalidValue, "0x80402010"),
        ("stepped", .integer(101), .invalidValue, "in steps of 8"),
        ("u8_2x3_array", .text("1,2,3"), .invalidValue, "6 numbers from 0 to 200"),
        ("u8_2x3_array", .text("1,2,3,4,5,201"), .invalidValue, "6 numbers from 0 to 200"),
        ("u8_2x3_array", .text("1,2,3,4,5,"), .invalidValue, "6 numbers from 0 to 200"),
        ("u32_dynamic", .text("1,2,3,4,5,6"), .invalidValue, "up to 5 numbers"),
        ("codec_structure", .integer(1), .unsupported, "cannot be set here"),
        ("contrast", .integer(1), .unknownOption, "brightness, white_balance_automatic"),
    ]) func whatCannotBeSetIsRefusedWithWhatCan(
        name: String, value: ControlValue, code: CameraError.Code, hint: String
    ) throws {
        let error = try #require(throws: CameraError.self, performing: { try camera.setControl(name, to: value) })
        #expect(error.code == code)
        #expect(error.description.contains(hint), "\(error)")
        #expect(!driver.log.contains("VIDIOC_S_EXT_CTRLS"))
    }

    @Test(arguments: [
        (Errno.permissionDenied, CameraError.Code.unsupported, "switch its automatic off"),
        (.resourceBusy, .unsupported, "while the camera runs"), (.outOfRange, .invalidValue, "does not take"),
        (.ioError, .device, "VIDIOC_S_EXT_CTRLS"),
    ]) func aDriversRefusalIsExplained(errno: Errno, code: CameraError.Code, hint: String) throws {
        driver.fail("VIDIOC_S_EXT_CTRLS", with: errno)
        let error = try #require(
            throws: CameraError.self, performing: { try camera.setControl("temperature", to: .integer(2500)) })
        #expect(error.code == code)
        #expect(error.description.contains(hint), "\(error)")
        #expect(error.systemError == errno)
    }
}
