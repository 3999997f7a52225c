// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport

/// A webcam that is a program: plugged into the kernel's virtual USB host, driven by uvcvideo like any other.
///
/// It sends numbered pictures of ``WebcamPictures``, the numbers from 0 on in each stream, and does wrong what a test asks
/// for. It never leaves out a picture, so that a number missing on the other side was lost on the way.
final class USBWebcam: Sendable {
    /// The name of the product and of its video device.
    let name: String
    private let port: VirtualUSBPort
    private let thread: WorkerThread
    private let orders = WebcamOrders()

    private static let plugged = Atomic(0)

    /// Plugs a webcam in.
    ///
    /// - Parameters:
    ///   - transfer: How its pictures travel.
    ///   - name: The product's name; nil for one that no other webcam had.
    /// - Throws: When the host has no room for it, or ffmpeg does not make its pictures.
    init(_ transfer: WebcamDescriptors.Transfer = .bulk, name: String? = nil) throws {
        let pictures = try WebcamPictures.shared.get()
        let port = try VirtualUSBPort()
        let name = name ?? "Lab Webcam \(Self.plugged.add(1, ordering: .relaxed).newValue)"
        let descriptors = WebcamDescriptors(transfer: transfer, product: name)
        self.port = port
        self.name = name
        thread = try WorkerThread("usb-webcam") { [orders] in
            var engine = WebcamEngine(port, descriptors, pictures, orders)
            engine.run()
        }
    }

    deinit {
        unplug()
    }

    /// The node of the video device, once the kernel has made it.
    func node() throws -> String {
        var found: String?
        _ = try eventually {
            found = try FileManager.default.contentsOfDirectory(atPath: "/sys/class/video4linux").first { node in
                func attribute(_ key: String) -> String {
                    let path = "/sys/class/video4linux/\(node)/\(key)"
                    return (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .newlines) ?? ""
                }
                // The node with index 1 is for metadata.
                return attribute("name").hasPrefix(name) && attribute("index") == "0"
            }
            return found != nil
        }
        guard let found else { throw NoNode() }
        return "/dev/\(found)"
    }

    /// The kernel made no video device.
    struct NoNode: Error {}

    /// What was wrong with each picture that the present or last stream has sent to its end, by their numbers.
    var sent: [WebcamFault?] { orders.state.withLock { $0.sent } }

    /// Has something go wrong with the pictures of these numbers, once each.
    func spoil(_ faults: [Int: WebcamFault]) {
        orders.state.withLock { $0.faults.merge(faults) { $1 } }
    }

    /// Begins no picture until ``resume()``.
    func pause() { orders.state.withLock { $0.isPaused = true } }

    /// Goes on after ``pause()``.
    func resume() {
        orders.state.withLock { $0.isPaused = false }
        port.wake()
    }

    /// Refuses the next request for brightness or contrast.
    func stallPictureControls() { orders.state.withLock { $0.stallsPictureControls = true } }

    /// Refuses the next choice of a mode.
    func stallCommit() { orders.state.withLock { $0.stallsCommit = true } }

    /// Pulls the plug.
    func unplug() {
        port.unplug()
        thread.join()
    }
}
