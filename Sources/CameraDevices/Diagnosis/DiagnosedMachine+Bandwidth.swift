// SPDX-License-Identifier: MIT

internal import CameraCore

/// What the USB brings of the cameras' pictures.
extension DiagnosedMachine {
    /// A camera at a USB, and how much its greatest pictures without compression need.
    package struct USBCamera {
        package let path: String
        package let name: String
        /// The bus, which its devices share: "usb1".
        package let bus: String
        /// Megabits per second of the connection.
        package let speed: Int
        /// Whether the camera could go faster in another port.
        package let isSlowedDown: Bool
        /// Its greatest mode without compression, and that mode's megabits per second.
        package let greatest: (mode: String, megabits: Int)?

        package init(
            path: String, name: String, bus: String, speed: Int, isSlowedDown: Bool,
            greatest: (mode: String, megabits: Int)?
        ) {
            (self.path, self.name, self.bus, self.speed) = (path, name, bus, speed)
            (self.isSlowedDown, self.greatest) = (isSlowedDown, greatest)
        }
    }

    /// What of a connection's speed cameras get, in percent: isochronous transfers of USB 2 have 24 of 60 MB/s at most, those of
    /// USB 3 about the 80 percent that its rules leave for them (USB 3.2, 4.4.8.1), and of those its coding leaves four fifths.
    private func usable(of speed: Int) -> Int { speed >= 5000 ? speed * 64 / 100 : speed * 40 / 100 }

    /// The USB connection of a camera; nil for one that has none.
    func usbCamera(_ camera: V4L2CameraDescription) -> USBCamera? {
        let node = camera.path.split(separator: "/").last ?? ""
        guard var folder = canonicalPath("/sys/class/video4linux/\(node)/device") else { return nil }
        // The node belongs to an interface of the device whose speed it is.
        while line("\(folder)/speed") == nil {
            guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return nil }
            folder = String(folder[..<slash])
        }
        guard let speed = line("\(folder)/speed").flatMap({ Int($0) }) else { return nil }
        // A device that knows USB 3 calls itself 2.10 where it is held to USB 2.
        let version = line("\(folder)/version") ?? ""
        let modes = camera.formats.flatMap { format in
            format.sizes.compactMap { size -> (mode: String, megabits: Int)? in
                guard let rate = size.frameRates.max(by: { $0.framesPerSecond < $1.framesPerSecond }),
                    let bytes = format.pixelFormat.byteCount(of: size.largest)
                else { return nil }
                let megabits = Double(bytes) * 8 * rate.framesPerSecond / 1e6
                return ("\(size.largest) \(format.pixelFormat.name) at \(rate)", Int(megabits.rounded(.up)))
            }
        }
        return USBCamera(
            path: camera.path, name: camera.card, bus: line("\(folder)/busnum") ?? folder, speed: speed,
            isSlowedDown: speed <= 480 && version.hasPrefix("2.1"), greatest: modes.max { $0.megabits < $1.megabits })
    }

    /// What is too much for the ports and buses.
    package func bandwidthFindings(_ cameras: [USBCamera]) -> [Finding] {
        var findings = cameras.compactMap(finding)
        for (bus, sharing) in Dictionary(grouping: cameras, by: \.bus).sorted(by: { $0.key < $1.key }) {
            let needed = sharing.reduce(0) { $0 + ($1.greatest?.megabits ?? 0) }
            let speed = sharing.map(\.speed).max() ?? 0
            guard sharing.count > 1, needed > usable(of: speed) else { continue }
            let names = sharing.map(\.path).joined(separator: " and ")
            findings.append(
                Finding(
                    .bandwidth, .note, "USB bus \(bus)",
                    "\(names) share a bus that brings \(usable(of: speed)) Mbit/s of the \(needed) that their greatest "
                        + "modes need; plug them into ports of different buses, or take Motion JPEG from them",
                    remedy: "lsusb -t"))
        }
        return findings
    }

    private func finding(_ camera: USBCamera) -> Finding? {
        let path = camera.path
        let greatest = camera.greatest.flatMap { $0.megabits > usable(of: camera.speed) ? $0 : nil }
        let need = greatest.map { "; its \($0.mode) needs \($0.megabits) Mbit/s" } ?? ""
        let has =
            "\(path) has a connection of \(camera.speed) Mbit/s, of which pictures get \(usable(of: camera.speed))"
        if camera.speed < 480 {
            return Finding(
                .bandwidth, .trouble, path, "\(has)\(need): plug it into another port, without an old hub or cable",
                remedy: "lsusb -t")
        }
        if camera.isSlowedDown {
            return Finding(
                .bandwidth, .note, path, "\(has), though it knows USB 3\(need): plug it into a blue port",
                remedy: "lsusb -t")
        }
        guard greatest != nil else {
            return Finding(.bandwidth, .fine, path, "\(has): enough for each of its modes")
        }
        return Finding(
            .bandwidth, .note, path, "\(has)\(need): take Motion JPEG, a smaller size or a lower rate",
            remedy: "camera list")
    }
}
