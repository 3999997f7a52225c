// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// An open device that was found to encode a format.
struct EncoderProbe {
    /// The device.
    let device: VideoDevice
    /// The driver's code for the format.
    let coded: PixelFormat
    /// The driver's raw formats for it, by the layout that frames have; the cheapest first.
    let rawFormats: [(layout: PixelFormat, driver: PixelFormat)]

    /// V4L2's codes for the formats that an encoder of the kernel can make here.
    static let codes: [MediaFormat: PixelFormat] = [
        .h264: PixelFormat(fourCC: "H264"), .h265: PixelFormat(fourCC: "HEVC"), .fwht: PixelFormat(fourCC: "FWHT"),
    ]

    /// Opens a device and asks for its formats.
    ///
    /// - Throws: `.unsupported` when it is no encoder for the format; what opening it throws.
    init(_ path: String, format: MediaFormat, calls: SystemCalls) throws(CameraError) {
        let operation = "opening the encoder"
        guard let coded = Self.codes[format] else {
            let names = Self.codes.keys.map(\.rawValue).sorted().joined(separator: ", ")
            throw CameraError(
                .unsupported, operation, subject: path,
                reason: "encoders of the kernel make \(names) here, not \(format); leave the device out")
        }
        do {
            let device = try VideoDevice(path, calls: calls)
            let flags = device.capabilities.flags
            let isEncoder =
                !flags.isDisjoint(with: [.memoryToMemory, .memoryToMemoryPlanes])
                // Decoders have the format on their other queue.
                && flags.contains(.streaming)
            let offered = isEncoder ? try device.formats(of: device.encoderTypes.coded).map(\.pixelFormat) : []
            guard offered.contains(coded) else {
                throw CameraError(
                    .unsupported, operation, subject: path,
                    reason: isEncoder
                        ? "it makes \(offered.map(\.description).joined(separator: ", ")), not \(coded)"
                        : "it is no encoder but '\(device.capabilities.card)'")
            }
            let rawFormats = try device.rawFormats(for: coded)
            guard !rawFormats.isEmpty else {
                throw CameraError(.unsupported, operation, subject: path, reason: "it takes no raw format known here")
            }
            self.device = device
            self.coded = coded
            self.rawFormats = rawFormats.sorted { Self.cost($0.layout) < Self.cost($1.layout) }
        } catch let error as DeviceError {
            throw CameraError(error, calls: calls)
        } catch {
            throw CameraError(wrapping: error, as: .device, operation, subject: path)
        }
    }

    /// What a layout costs: NV12 and planar 4:2:0, then the rest as they are known.
    private static func cost(_ layout: PixelFormat) -> Int {
        ([.nv12, .yuv420] + PixelFormat.known).firstIndex(of: layout) ?? .max
    }
}
