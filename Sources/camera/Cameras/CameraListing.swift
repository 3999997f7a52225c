// SPDX-License-Identifier: MIT

internal import CameraCommands
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
        }, controls: (try? TestCamera(resolution: .hd720p, frameRate: 30))?.controls().map(ControlListing.init))

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

extension CameraListing {
    /// The cameras of this machine, each once: webcams as video devices, what libcamera drives as libcamera's.
    ///
    /// - Throws: Why no camera may be opened, when there are any.
    static func all() throws(CameraError) -> [CameraListing] {
        var cameras: [LibCameraDescription] = []
        do throws(CameraError) {
            cameras = try LibCamera.available().filter { !$0.isWebcam }
        } catch {
            // Where libcamera is not installed there is nothing to tell of.
            if error.code != .missingLibrary { Console.print("camera: \(error)") }
        }
        let taken = Set(cameras.flatMap(\.nodes))
        do throws(CameraError) {
            let devices = try V4L2Camera.available().filter { !taken.contains($0.path) }
            return cameras.map(CameraListing.init) + devices.map(CameraListing.init)
        } catch {
            if cameras.isEmpty { throw error }
            return cameras.map(CameraListing.init)
        }
    }

    /// Describes a camera of libcamera.
    private init(_ description: LibCameraDescription) {
        let place: [LibCameraDescription.Location: String] = [.front: "front", .back: "back", .external: "external"]
        let name = description.model ?? description.id
        self.init(
            camera: "libcamera:\(description.id)", name: place[description.location].map { "\(name), \($0)" } ?? name,
            driver: "libcamera", bus: description.nodes.isEmpty ? nil : description.nodes.joined(separator: " "),
            modes: description.formats.flatMap { format in
                let range = [(format.smallest, format.largest)]
                return (format.step == nil ? format.sizes.map { ($0, $0) } : range).map { smallest, largest in
                    Mode(
                        format: format.pixelFormat.name, size: "\(smallest)",
                        largestSize: smallest == largest ? nil : "\(largest)", frameRates: [])
                }
            }, controls: description.controls.map(ControlListing.init))
    }
}
