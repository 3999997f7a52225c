// SPDX-License-Identifier: MIT

internal import CameraCore
internal import SystemPackage
internal import V4L2

/// Cameras, and the video devices that are none.
extension DiagnosedMachine {
    /// What there is to say of each camera and video device.
    var cameraFindings: [Finding] {
        let processors = processorCameras()
        let taken = Set(processors.flatMap(\.nodes))
        var findings = processors.map { camera in
            Finding(.camera, .fine, camera.name, "libcamera has the camera \(camera.name)")
        }
        var cameras = processors.count
        var isEncoding = false
        var usbCameras: [USBCamera] = []
        for path in videoNodes {
            guard !taken.contains(path) else {
                findings.append(Finding(.node, .note, path, "\(path) is a part of a camera that libcamera drives"))
                continue
            }
            let node: Node
            do throws(DeviceError) {
                node = try look(at: path)
            } catch {
                cameras += 1
                findings.append(refusal(error))
                continue
            }
            switch node {
            case .camera(let description):
                cameras += 1
                findings.append(Finding(.camera, .fine, path, "\(path) is the camera '\(description.card)'"))
                if let finding = busyFinding(path) { findings.append(finding) }
                if let camera = usbCamera(description) { usbCameras.append(camera) }
            case .encoder(let card, let formats):
                isEncoding = true
                let names = formats.joined(separator: ", ")
                findings.append(
                    Finding(.encoder, .fine, path, "\(path) ('\(card)') encodes \(names) without the processor"))
            case .other(let card):
                findings.append(
                    Finding(.node, .note, path, "\(path) ('\(card)') is no camera: it brings no pictures"))
            }
        }
        findings += bandwidthFindings(usbCameras)
        if cameras == 0 { findings.insert(noCamera, at: 0) }
        if !isEncoding {
            findings.append(
                Finding(
                    .encoder, .note, nil,
                    "the kernel has no encoder for video here: the processor encodes, unless the camera does"))
        }
        return findings
    }

    private enum Node {
        case camera(V4L2CameraDescription)
        case encoder(card: String, formats: [String])
        case other(card: String)
    }

    /// The paths of the video devices, by their numbers.
    private var videoNodes: [String] {
        let numbers = names("/dev").compactMap { $0.hasPrefix("video") ? Int($0.dropFirst(5)) : nil }.sorted()
        return numbers.map { "/dev/video\($0)" }
    }

    private func look(at path: String) throws(DeviceError) -> Node {
        let device = try VideoDevice(path, calls: calls)
        defer { device.close() }
        if device.isCamera { return .camera(try V4L2CameraDescription(device)) }
        let flags = device.capabilities.flags
        let card = device.capabilities.card
        guard !flags.isDisjoint(with: [.memoryToMemory, .memoryToMemoryPlanes]) else { return .other(card: card) }
        // Decoders have these on their other queue.
        let queue: BufferType = flags.contains(.memoryToMemoryPlanes) ? .videoCapturePlanes : .videoCapture
        let coded: [PixelFormat: String] = [.h264: "H.264", PixelFormat(fourCC: "HEVC"): "H.265", .mjpeg: "JPEG"]
        let formats = try device.formats(of: queue).compactMap { coded[$0.pixelFormat] }
        return formats.isEmpty ? .other(card: card) : .encoder(card: card, formats: formats)
    }

    // MARK: What stands in the way

    private var noCamera: Finding {
        let message = "there is no camera: the kernel shows no /dev/video"
        if isRaspberryPi {
            return Finding(
                .camera, .trouble, nil,
                "\(message); check the ribbon cable at both ends, and that /boot/firmware/config.txt has "
                    + "camera_auto_detect=1", remedy: "sudo dmesg | grep -i -E 'imx|ov[0-9]|unicam|cfe'")
        }
        if let name = usbCameraWithoutDriver {
            return Finding(
                .camera, .trouble, nil,
                "\(message), though the USB camera '\(name)' is plugged in: its driver is not loaded",
                remedy: "sudo modprobe uvcvideo")
        }
        return Finding(
            .camera, .trouble, nil,
            "\(message); plug one in, and see whether the kernel tells of it. 'camera record --camera test' needs none",
            remedy: "sudo dmesg | tail")
    }

    var isRaspberryPi: Bool { line("/proc/device-tree/model")?.hasPrefix("Raspberry Pi") ?? false }

    /// The name of a USB camera that no driver has.
    private var usbCameraWithoutDriver: String? {
        for interface in names("/sys/bus/usb/devices") where interface.contains(":") {
            let folder = "/sys/bus/usb/devices/\(interface)"
            // Video is the class 0e.
            guard line("\(folder)/bInterfaceClass") == "0e", linkTarget("\(folder)/driver") == nil else { continue }
            let device = interface.prefix { $0 != ":" }
            return line("/sys/bus/usb/devices/\(device)/product") ?? String(device)
        }
        return nil
    }

    /// What to do about a device that does not open.
    private func refusal(_ error: DeviceError) -> Finding {
        let path = error.device
        switch error.errno {
        case .permissionDenied, .notPermitted:
            let isMember = groupMembers("video").contains { $0 == user }
            if groups.contains("video") {
                return Finding(
                    .permission, .trouble, path, "\(path) may not be opened, though \(user) is in the group video",
                    remedy: "sudo chgrp video \(path) && sudo chmod g+rw \(path)")
            }
            if isMember {
                return Finding(
                    .permission, .trouble, path,
                    "\(path) may not be opened: \(user) is in the group video, but not since this login",
                    remedy: "newgrp video")
            }
            return Finding(
                .permission, .trouble, path,
                "\(path) may not be opened: \(user) is not in the group video; log in again after this",
                remedy: "sudo usermod -aG video \(user)")
        case .resourceBusy:
            return busyFinding(path)
                ?? Finding(
                    .busy, .trouble, path, "\(path) is in use by a program of another user",
                    remedy: "sudo fuser -v \(path)")
        default:
            return Finding(
                .camera, .trouble, path, "\(path) does not answer: \(error.call) gives \(error.errno)",
                remedy: "sudo dmesg | tail")
        }
    }

    /// The users that a group lists.
    private func groupMembers(_ name: String) -> [Substring] {
        let lines = (text("/etc/group") ?? "").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("\(name):") }) else { return [] }
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        return fields.count > 3 ? fields[3].split(separator: ",") : []
    }

    /// Who else has a device open.
    private func busyFinding(_ path: String) -> Finding? {
        let own = linkTarget("/proc/self")
        for process in names("/proc") where Int(process) != nil && process != own {
            let folder = "/proc/\(process)/fd"
            guard names(folder).contains(where: { linkTarget("\(folder)/\($0)") == path }) else { continue }
            let name = line("/proc/\(process)/comm") ?? "a program"
            let isOurs = ["camera", "camera-service"].contains(name)
            let isService = text("/proc/\(process)/cgroup")?.contains("camera.service") ?? false
            return Finding(
                .busy, isOurs ? .note : .trouble, path,
                "\(path) is used by \(name) (process \(process)); most cameras serve one program at a time",
                remedy: isService ? "sudo systemctl stop camera" : "kill \(process)")
        }
        return nil
    }
}
