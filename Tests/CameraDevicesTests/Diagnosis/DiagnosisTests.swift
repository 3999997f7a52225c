// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import SystemPackage
import TestSupport
import Testing

/// What a diagnosis says of machines that lack something.
@Suite struct DiagnosisTests {
    @Test func aMachineThatLacksNothingIsFine() throws {
        let fake = try FakeMachine()
        let diagnosis = fake.diagnosis()
        #expect(diagnosis.isFine)
        #expect(fake.findings(.camera).map(\.verdict) == [.fine])
        #expect(fake.findings(.camera).first?.subject == "/dev/video0")
        #expect(diagnosis.findings.filter { $0.verdict == .fine }.allSatisfy { $0.remedy == nil })
        #expect(fake.driver.openCount == 0)
        #expect(fake.driver.violations.isEmpty)
    }

    @Test func aMachineWithoutCameraIsToldWhereToLook() throws {
        let fake = try FakeMachine()
        try fake.remove("/dev/video0")
        let finding = try #require(fake.findings(.camera).first)
        #expect(finding.verdict == .trouble)
        #expect(finding.remedy == "sudo dmesg | tail")
        #expect(!fake.diagnosis().isFine)
        try fake.write("Raspberry Pi 5 Model B Rev 1.0\0", to: "/proc/device-tree/model")
        #expect(fake.findings(.camera).first?.message.contains("camera_auto_detect=1") == true)
    }

    @Test func aUSBCameraWithoutDriverIsNamed() throws {
        let fake = try FakeMachine()
        try fake.remove("/dev/video0")
        let devices = "/sys/bus/usb/devices"
        try fake.write("0e\n", to: "\(devices)/1-2:1.0/bInterfaceClass")
        try fake.write("Lifecam\n", to: "\(devices)/1-2/product")
        #expect(fake.findings(.camera).first?.remedy == "sudo modprobe uvcvideo")
        #expect(fake.findings(.camera).first?.message.contains("'Lifecam'") == true)
        // One that has its driver has another trouble.
        try fake.link("\(devices)/1-2:1.0/driver", to: "../uvcvideo")
        #expect(fake.findings(.camera).first?.remedy == "sudo dmesg | tail")
    }

    @Test func whoIsNotInTheGroupIsToldTheCommand() throws {
        var fake = try FakeMachine()
        func refused() throws -> Finding {
            fake.driver.fail("open", with: .permissionDenied)
            return try #require(fake.findings(.permission).first)
        }
        fake.machine.groups = ["ada"]
        try fake.write("root:x:0:\nvideo:x:44:eve,bob\n", to: "/etc/group")
        #expect(try refused().remedy == "sudo usermod -aG video ada")
        #expect(try refused().subject == "/dev/video0")
        #expect(try refused().verdict == .trouble)
        try fake.write("root:x:0:\nvideo:x:44:eve,ada\n", to: "/etc/group")
        #expect(try refused().remedy == "newgrp video")
        fake.machine.groups = ["ada", "video"]
        #expect(try refused().remedy == "sudo chgrp video /dev/video0 && sudo chmod g+rw /dev/video0")
        // A camera that may not be opened is one nevertheless.
        fake.driver.fail("open", with: .permissionDenied)
        #expect(fake.findings(.camera).isEmpty)
    }

    @Test func whoHasTheCameraIsNamed() throws {
        let fake = try FakeMachine()
        try fake.write("cheese\n", to: "/proc/123/comm")
        try fake.link("/proc/123/fd/7", to: "/dev/video0")
        try fake.write("sh\n", to: "/proc/124/comm")
        try fake.link("/proc/124/fd/7", to: "/dev/null")
        let finding = try #require(fake.findings(.busy).first)
        #expect(finding.verdict == .trouble)
        #expect(finding.message.contains("cheese (process 123)"))
        #expect(finding.remedy == "kill 123")
        // Our own service is no trouble.
        try fake.write("camera\n", to: "/proc/123/comm")
        try fake.write("0::/system.slice/camera.service\n", to: "/proc/123/cgroup")
        #expect(fake.findings(.busy).first?.remedy == "sudo systemctl stop camera")
        #expect(fake.diagnosis().isFine)
        // Nor is the program itself.
        try fake.link("/proc/self", to: "123")
        #expect(fake.findings(.busy).isEmpty)
    }

    @Test func aDeviceThatFailsIsTold() throws {
        let fake = try FakeMachine()
        fake.driver.fail("open", with: .ioError)
        let finding = try #require(fake.findings(.camera).first)
        #expect(finding.verdict == .trouble)
        #expect(finding.message.contains("/dev/video0 does not answer"))
    }

    @Test func nodesThatAreNoCamerasAreNotes() throws {
        // Metadata of a webcam: capture of metadata and streaming.
        let metadata = try FakeMachine { $0.capabilities = 0x0480_0000 }
        #expect(metadata.findings(.node).map(\.verdict) == [.note])
        #expect(metadata.findings(.camera).first?.verdict == .trouble)
        // A part of a camera that libcamera drives.
        var processor = try FakeMachine()
        processor.machine.processorCameras = {
            [DiagnosedMachine.ProcessorCamera(name: "imx708", nodes: ["/dev/video0"])]
        }
        #expect(processor.findings(.camera).map(\.subject) == ["imx708"])
        #expect(processor.findings(.node).map(\.subject) == ["/dev/video0"])
        #expect(processor.diagnosis().isFine)
    }

    @Test func anEncoderOfTheKernelIsShown() throws {
        let without = try FakeMachine()
        #expect(without.findings(.encoder).map(\.verdict) == [.note])
        // Memory to memory, and streaming.
        let fake = try FakeMachine {
            $0.capabilities = 0x0420_8000
            $0.formats = [.init(PixelFormat(fourCC: "H264"), [Resolution(32, 16)], [])]
        }
        let finding = try #require(fake.findings(.encoder).first)
        #expect(finding.verdict == .fine)
        #expect(finding.message.contains("H.264"))
    }

    @Test func librariesThatAreMissingAreNamedWithTheirPackage() throws {
        var fake = try FakeMachine()
        let missing = CameraError(.missingLibrary, "loading", reason: "libavformat.so.59: no such file")
        fake.machine.libraries = {
            [
                DiagnosedMachine.Library("libavformat", for: "mkv", package: "ffmpeg", failure: missing),
                DiagnosedMachine.Library("libcamera", for: "cameras", package: "libcamera-tools", failure: nil),
            ]
        }
        #expect(fake.findings(.library).map(\.verdict) == [.note, .fine])
        #expect(fake.findings(.library).first?.remedy == "sudo apt install ffmpeg")
        #expect(fake.findings(.library).first?.message.contains("no such file") == true)
        // Where it alone has the cameras it is needed.
        fake.machine.libraries = {
            [DiagnosedMachine.Library("libcamera", for: "cameras", package: "libcamera-tools", failure: missing)]
        }
        #expect(fake.diagnosis().isFine)
        try fake.write("Raspberry Pi 4 Model B", to: "/proc/device-tree/model")
        #expect(!fake.diagnosis().isFine)
    }

    @Test func theClockIsLookedAt() throws {
        var fake = try FakeMachine()
        #expect(fake.findings(.clock).map(\.verdict) == [.fine])
        fake.machine.isClockSet = { false }
        #expect(fake.findings(.clock).map(\.verdict) == [.note])
        fake.machine.isClockSet = { nil }
        #expect(fake.findings(.clock).map(\.verdict) == [.fine])
        fake.machine.now = { 1_000_000 }
        #expect(fake.findings(.clock).map(\.verdict) == [.trouble])
        #expect(fake.findings(.clock).first?.remedy == "sudo timedatectl set-ntp true")
    }

    @Test func littleMemoryIsTold() throws {
        let fake = try FakeMachine()
        #expect(fake.findings(.memory).map(\.verdict) == [.fine])
        try fake.write("MemTotal:         437048 kB\n", to: "/proc/meminfo")
        #expect(fake.findings(.memory).map(\.verdict) == [.note])
        #expect(fake.findings(.memory).first?.message.contains("426 MB") == true)
    }

    @Test func itIsWrittenAsJSON() throws {
        let fake = try FakeMachine()
        try fake.remove("/dev/video0")
        let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(fake.diagnosis()))
        let object = try #require(json as? [String: Any])
        #expect(object["isFine"] as? Bool == false)
        let first = try #require((object["findings"] as? [[String: Any]])?.first)
        #expect(first["kind"] as? String == "camera")
        #expect(first["verdict"] as? String == "trouble")
        #expect(first["remedy"] as? String == "sudo dmesg | tail")
    }
}
