// SPDX-License-Identifier: MIT

internal import CameraKit

/// A camera as `camera list` shows it.
struct CameraListing: Encodable {
    /// What `--camera` takes.
    let camera: String
    let name: String
    let driver: String?
    let bus: String?
    let modes: [Mode]
    /// Nil when the camera did not tell, as while another program uses it.
    let controls: [ControlListing]?

    /// A size of a format, or a range of sizes.
    struct Mode: Encodable {
        let format: String
        let size: String
        let largestSize: String?
        let frameRates: [String]
    }

    /// The camera that needs no hardware.
    static let test = CameraListing(
        camera: "test", name: "test camera", driver: nil, bus: nil,
        modes: ["nv12", "yuv420", "yuyv", "rgb24"].map { format in
            Mode(
                format: format, size: "16x16", largestSize: "\(Resolution.largestSide)x\(Resolution.largestSide)",
                frameRates: [])
        }, controls: [])

    /// Several lines for people.
    var text: String {
        let origin = [driver, bus].compactMap(\.self).joined(separator: ", ")
        var lines = ["\(camera)  \(name)" + (origin.isEmpty ? "" : " (\(origin))")]
        for mode in modes {
            let sizes = mode.size + (mode.largestSize.map { " to \($0)" } ?? "")
            let rates = mode.frameRates.isEmpty ? "any rate" : "\(mode.frameRates.joined(separator: ", ")) fps"
            lines.append("    \(mode.format)  \(sizes)  \(rates)")
        }
        lines += (controls ?? []).map { "    \($0.text)" }
        return lines.joined(separator: "\n")
    }
}

extension CameraListing {
    /// Describes a camera, which is opened for a moment to read its controls.
    init(_ description: V4L2CameraDescription) {
        var controls: [ControlListing]?
        if let device = try? V4L2Camera(description.path) {
            controls = try? device.controls().map(ControlListing.init)
            device.close()
        }
        self.init(
            camera: description.path, name: description.card, driver: description.driver, bus: description.bus,
            modes: description.formats.flatMap { format in
                format.sizes.map { size in
                    Mode(
                        format: format.pixelFormat.name, size: "\(size.smallest)",
                        largestSize: size.largest == size.smallest ? nil : "\(size.largest)",
                        frameRates: size.frameRates.map(\.description))
                }
            }, controls: controls)
    }
}
