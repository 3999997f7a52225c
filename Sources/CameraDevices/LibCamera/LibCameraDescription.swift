// SPDX-License-Identifier: MIT

internal import CLibCamera
public import CameraCore
package import V4L2

/// A camera of libcamera: its name, its place, its formats and its controls.
public struct LibCameraDescription: Hashable, Sendable {
    /// libcamera's name for the camera, which stays the same as long as the camera is connected to the same place.
    public let id: String
    /// The model of the sensor: "imx219"; nil when the camera does not tell it.
    public let model: String?
    /// The place of the camera on the machine.
    public let location: Location
    /// The rotation at which the camera is mounted, in degrees; libcamera turns pictures upright where it can.
    public let rotation: Int
    /// The video devices that libcamera drives for it: "/dev/video0".
    public let nodes: [String]
    /// Whether the camera is a plain USB webcam, which ``V4L2Camera`` can drive as well.
    public let isWebcam: Bool
    /// The formats that the camera's video stream can have.
    public let formats: [Format]
    /// The controls that can be set, without present values.
    public let controls: [CameraControl]

    /// The place of a camera.
    public enum Location: Hashable, Sendable {
        /// On the side of the screen.
        case front
        /// On the side away from the screen.
        case back
        /// Not part of the machine.
        case external
        /// The camera does not tell its place.
        case unknown
    }

    /// One of the formats of a camera.
    public struct Format: Hashable, Sendable {
        /// The layout of the frames.
        public let pixelFormat: PixelFormat
        /// The sizes that there are; only examples where there is a ``step``.
        public let sizes: [Resolution]
        /// The smallest size.
        public let smallest: Resolution
        /// The largest size.
        public let largest: Resolution
        /// The step between the sizes; nil where only ``sizes`` exist.
        public let step: Resolution?
    }
}

extension LibCamera {
    /// The cameras that libcamera finds, in its order.
    ///
    /// - Returns: The cameras; none, without asking libcamera, where there is no media device.
    /// - Throws: `.missingLibrary` where libcamera is not installed; `.device`.
    public static func available() throws(CameraError) -> [LibCameraDescription] {
        guard SystemCalls.linux.hasMediaDevices else { return [] }
        return available(try LibCameraUse(try LibCameraShim.loaded()), calls: .linux)
    }

    /// The cameras that the given functions find.
    package static func available(_ use: LibCameraUse, calls: SystemCalls) -> [LibCameraDescription] {
        use.shim.cameras().map { camera in
            let nodes = use.shim.nodes(of: camera.id, calls)
            let session = try? LibCameraSession(use.shim, camera.id)
            return LibCameraDescription(
                id: camera.id, model: camera.model, location: camera.location, rotation: camera.rotation, nodes: nodes,
                isWebcam: nodes.contains(where: calls.isWebcam), formats: session?.formats(of: CLC_ROLE_VIDEO) ?? [],
                controls: session?.controlDescriptions.map(\.control) ?? [])
        }
    }

    /// The first camera that is not a plain webcam, held and configured; nil when there is none.
    ///
    /// - Throws: Why that camera cannot be opened; `.device`. Where libcamera is not installed there is none.
    package static func first(_ configuration: LibCameraConfiguration) throws(CameraError) -> LibCamera? {
        let calls = SystemCalls.linux
        guard calls.hasMediaDevices, let shim = try? LibCameraShim.loaded() else { return nil }
        let use = try LibCameraUse(shim)
        for camera in shim.cameras() where !shim.nodes(of: camera.id, calls).contains(where: calls.isWebcam) {
            return try LibCamera(camera.id, configuration: configuration, use: use, calls: calls)
        }
        return nil
    }
}

extension LibCamera {
    /// The pixel formats that the camera's frames can have, the sensor's own among them.
    public func pixelFormats() throws -> [PixelFormat] {
        let session = try LibCameraSession(use.shim, id)
        return [CLC_ROLE_VIDEO, CLC_ROLE_RAW].flatMap { session.formats(of: $0).map(\.pixelFormat) }
    }
}

extension LibCameraShim {
    /// A camera by itself.
    struct Found {
        let id: String
        let model: String?
        let location: LibCameraDescription.Location
        let rotation: Int
    }

    func cameras() -> [Found] {
        collect { context in
            functions.list(context) { context, description in
                let description = description.pointee
                LibCameraShim.append(
                    Found(
                        id: String(cString: description.id), model: description.model.map { String(cString: $0) },
                        location: [0: .front, 1: .back, 2: .external][description.location] ?? .unknown,
                        rotation: Int(description.rotation)), to: context)
            }
        }
    }

    /// Gathers what a function of the shim visits.
    func collect<Element>(_ visit: (UnsafeMutableRawPointer) -> Void) -> [Element] {
        var elements: [Element] = []
        withUnsafeMutablePointer(to: &elements) { visit($0) }
        return elements
    }

    /// Adds to what ``collect(_:)`` gathers.
    static func append<Element>(_ element: Element, to context: UnsafeMutableRawPointer?) {
        context?.assumingMemoryBound(to: [Element].self).pointee.append(element)
    }
}

extension LibCameraSession {
    /// The formats of a stream; the camera need not be held for that.
    fileprivate func formats(of role: clc_role) -> [LibCameraDescription.Format] {
        var wish = clc_stream()
        wish.role = role
        var streams = [wish]
        guard (try? propose(&streams, flips: (false, false))) != nil else { return [] }
        return formats(ofStream: 0)
    }
}
