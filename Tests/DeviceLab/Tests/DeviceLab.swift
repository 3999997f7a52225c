// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

/// Everything that is tested beside real drivers, one after the other since they share the devices.
///
/// A new file adds its suite in an extension of this one.
@Suite(.serialized) enum DeviceLab {
    /// The node of one of the four single-planar vivid devices; tests unplug all but the first two for good.
    static func vivid(_ number: Int) throws -> String {
        let nodes = try vivids()
        return try #require(nodes.indices.contains(number) ? nodes[number] : nil, "the lab has no vivid \(number)")
    }

    /// The nodes of the single-planar vivid devices that are still there.
    static func vivids() throws -> [String] {
        try V4L2Camera.available().filter { $0.driver == "vivid" && !$0.isMultiplanar }.map(\.path)
    }

    /// Takes all vivid devices away, or plugs them in again, each in the state it starts with.
    static func plugVivids(_ isPlugged: Bool) throws {
        let file = "/sys/bus/platform/drivers/vivid/" + (isPlugged ? "bind" : "unbind")
        try Data("vivid.0".utf8).write(to: URL(fileURLWithPath: file))
    }

    /// Sets all controls of a device to what the driver starts with.
    static func reset(_ path: String) throws {
        let camera = try V4L2Camera(path)
        defer { camera.close() }
        for control in try camera.controls() where control.isWritable && control.value != control.defaultValue {
            if let value = control.defaultValue { try camera.setControl(control.name, to: value) }
        }
    }

    /// A vivid camera that runs, in its first state but for its text, which would cover the colour bars.
    static func start(
        _ number: Int = 0, format: PixelFormat? = nil, size: Resolution = Resolution(320, 180),
        frameRate: FrameRate = 15, bufferCount: Int = 8, copyLimit: Int = 32
    ) throws -> V4L2Camera {
        let path = try vivid(number)
        try reset(path)
        let camera = try V4L2Camera(
            path, configuration: SourceConfiguration(resolution: size, frameRate: frameRate, pixelFormat: format),
            bufferCount: bufferCount, copyLimit: copyLimit)
        try camera.setControl("osd_text_mode", to: .text("None"))
        try camera.start()
        return camera
    }
}

extension V4L2Camera {
    /// The longest that any frame may take in a guest without KVM.
    static let patience = Duration.seconds(30)

    /// The next frame, past damaged ones.
    func nextFrame() throws -> Frame {
        while true {
            switch try next(timeout: Self.patience) {
            case .frame(let frame): return frame
            case .damaged, .signalLost, .signalRegained: continue
            case .timedOut, .interrupted, .ended: throw NoFrame()
            }
        }
    }

    /// A camera gave no frame.
    struct NoFrame: Error {}
}

extension Frame {
    /// All bytes of the picture, without padding.
    var packed: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: packedByteCount) { buffer, count in
            if let start = buffer.baseAddress { copyPacked(to: start) }
            count = packedByteCount
        }
    }

    /// The samples of a pixel as the format has them: luma and the two chroma values, or red, green and blue.
    func samples(_ column: Int, _ row: Int) -> [Int] {
        func byte(_ plane: Int, _ row: Int, _ offset: Int) -> Int {
            Int((self.plane(plane).baseAddress + row * self.plane(plane).stride + offset).load(as: UInt8.self))
        }
        let pair = column / 2
        return switch format {
        case .yuyv: [byte(0, row, column * 2), byte(0, row, pair * 4 + 1), byte(0, row, pair * 4 + 3)]
        case .uyvy: [byte(0, row, column * 2 + 1), byte(0, row, pair * 4), byte(0, row, pair * 4 + 2)]
        case .nv12: [byte(0, row, column), byte(1, row / 2, pair * 2), byte(1, row / 2, pair * 2 + 1)]
        case .nv21: [byte(0, row, column), byte(1, row / 2, pair * 2 + 1), byte(1, row / 2, pair * 2)]
        case .yuv420: [byte(0, row, column), byte(1, row / 2, pair), byte(2, row / 2, pair)]
        case .yuv422: [byte(0, row, column), byte(1, row, pair), byte(2, row, pair)]
        case .grey: [byte(0, row, column)]
        case .rgb24: (0..<3).map { byte(0, row, column * 3 + $0) }
        case .bgr24: (0..<3).map { byte(0, row, column * 3 + 2 - $0) }
        default: []
        }
    }
}

extension V4L2CameraDescription {
    /// Whether it has a format whose planes have memories of their own.
    var isMultiplanar: Bool { formats.contains { $0.pixelFormat == PixelFormat(fourCC: "NM12") } }
}

/// The picture that vivid draws at first.
enum ColorBars {
    /// The bars of a 75 % colour bar chart, from the left: white, yellow, cyan, green, magenta, red, blue, black.
    static let colors: [[Double]] = [
        [1, 1, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0], [1, 0, 1], [1, 0, 0], [0, 0, 1], [0, 0, 0],
    ].map { $0.map { $0 * 0.75 } }
}
