// SPDX-License-Identifier: MIT

package import CameraCore
package import SystemPackage

/// A call to a device that failed.
package struct DeviceError: Error, Hashable {
    /// The call: "open", "VIDIOC_STREAMON".
    package let call: String
    /// The device's path.
    package let device: String
    /// What the system said.
    package let errno: Errno

    /// Describes a failed call.
    package init(_ call: String, device: String, _ errno: Errno) {
        self.call = call
        self.device = device
        self.errno = errno
    }
}

extension DeviceError {
    /// Whether the driver refuses what was asked and works on otherwise; not when it failed, or its device is gone.
    package var isRefusal: Bool {
        ![.ioError, .operationNotSupportedByDevice, .noSuchAddressOrDevice].contains(errno)
    }
}

extension CameraError {
    /// Says for users what a failed call means and what to do.
    ///
    /// - Parameters:
    ///   - error: The failed call.
    ///   - calls: Where to look for the program that holds a busy device.
    package init(_ error: DeviceError, calls: SystemCalls) {
        let (code, reason): (Code, String?) =
            switch error.errno {
            case .resourceBusy: (.busy, calls.users(of: error.device))
            case .permissionDenied, .notPermitted: (.permissionDenied, Self.noRight)
            case .noSuchFileOrDirectory: (.notFound, "there is no such device; 'camera list' shows those there are")
            case .operationNotSupportedByDevice, .noSuchAddressOrDevice:
                error.call == "open"
                    ? (.notFound, "no device is behind this node")
                    : (.deviceLost, "it was unplugged, or its driver was unloaded")
            case .inappropriateIOCTLForDevice:
                (
                    .unsupported,
                    error.call == "VIDIOC_QUERYCAP" ? "it is not a video device" : "the driver does not have this call"
                )
            default: (.device, nil)
            }
        let operation = ["open", "VIDIOC_QUERYCAP"].contains(error.call) ? "opening the device" : error.call
        self.init(code, operation, subject: error.device, reason: reason, systemError: error.errno)
    }

    /// Why a user may not use cameras, and what to do.
    package static let noRight =
        "this user may not use it; add the user to the group 'video' (sudo usermod -aG video $USER) and log in again"
}

extension SystemCalls {
    /// A sentence about who has the device open, found in /proc.
    func users(of device: String) -> String {
        let path = canonicalPath(device) ?? device
        let own = linkTarget("/proc/self")
        var others: [String] = []
        for process in names("/proc") where Int(process) != nil && process != own {
            let folder = "/proc/\(process)/fd"
            guard names(folder).contains(where: { linkTarget("\(folder)/\($0)") == path }) else { continue }
            let name = text("/proc/\(process)/comm")?.split(separator: "\n").first ?? "a program"
            others.append("\(name) (process \(process))")
        }
        return switch others.count {
        case 0: "this program or one of another user has it in use; 'sudo fuser -v \(path)' tells which"
        case 1: "\(others[0]) has it open; close that program"
        default: "\(others.joined(separator: " and ")) have it open; close them"
        }
    }
}
