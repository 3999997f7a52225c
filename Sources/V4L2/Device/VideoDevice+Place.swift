// SPDX-License-Identifier: MIT

extension VideoDevice {
    /// What /sys tells of the node: the serial number and the maker of the USB device behind it, and its number among that
    /// device's nodes.
    package var place: (serial: String?, maker: String?, nodeIndex: Int?) {
        let node = (calls.canonicalPath(path) ?? path).split(separator: "/").last.map(String.init) ?? path
        let folder = "/sys/class/video4linux/\(node)"
        func line(_ path: String) -> String? {
            calls.text(path)?.split(separator: "\n").first.map(String.init)
        }
        // The node belongs to an interface of the USB device, which is the folder around it.
        let interface = calls.canonicalPath("\(folder)/device")
        let device = interface?.split(separator: "/").dropLast().joined(separator: "/")
        return (
            device.flatMap { line("/\($0)/serial") }, device.flatMap { line("/\($0)/manufacturer") },
            line("\(folder)/index").flatMap { Int($0) }
        )
    }
}
