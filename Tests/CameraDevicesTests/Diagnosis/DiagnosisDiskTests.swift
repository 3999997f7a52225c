// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing

/// What a diagnosis says of disks and of the USB.
@Suite struct DiagnosisDiskTests {
    private func finding(_ result: Result<DiagnosedMachine.Space, Errno>, _ folder: String = ".") throws -> Finding {
        var fake = try FakeMachine()
        fake.machine.space = { _ in result }
        return try #require(fake.diagnosis(folder).findings.first { $0.kind == .disk })
    }

    @Test func disksThatCannotBeRecordedToAreTrouble() throws {
        #expect(try finding(.success(.init(freeBytes: 5_000_000_000))).verdict == .fine)
        let little = try finding(.success(.init(freeBytes: 500_000_000)))
        #expect(little.verdict == .note)
        #expect(little.message.contains("500 MB left"))
        #expect(try finding(.success(.init(freeBytes: 99_000_000))).verdict == .trouble)
        #expect(try finding(.success(.init(freeBytes: 5_000_000_000, freeFiles: 0))).remedy == "df -i '.'")
        let readOnly = try finding(.success(.init(freeBytes: 5_000_000_000, isReadOnly: true, isWritable: false)))
        #expect(readOnly.verdict == .trouble)
        #expect(readOnly.remedy?.contains("remount,rw") == true)
        let foreign = try finding(.success(.init(freeBytes: 5_000_000_000, isWritable: false)), "it's mine")
        #expect(foreign.remedy == #"sudo chown ada 'it'\''s mine'"#)
        #expect(try finding(.failure(.noSuchFileOrDirectory), "clips").remedy == "mkdir -p 'clips'")
    }

    @Test func theDiskOfThisFolderIsLookedAt() throws {
        let folder = try TemporaryFolder()
        var fake = try FakeMachine()
        fake.machine.space = DiagnosedMachine().space
        let here = try #require(fake.diagnosis(folder.path("")).findings.first { $0.kind == .disk })
        #expect(here.message.contains("MB left"))
        let nowhere = try #require(fake.diagnosis(folder.path("none")).findings.first { $0.kind == .disk })
        #expect(nowhere.verdict == .trouble)
    }

    /// A camera of 1920x1080 YUYV at a rate, at a port of a speed: 16.6 MBit per picture.
    private func camera(_ speed: Int, version: String, rate: FrameRate) throws -> FakeMachine {
        let fake = try FakeMachine {
            $0.formats = [
                .init(.yuyv, [Resolution(640, 480), Resolution(1920, 1080)], [rate]),
                .init(.mjpeg, [Resolution(1920, 1080)], [30]),
            ]
        }
        let device = "/sys/devices/pci/usb1/1-1"
        try fake.write("\(speed)\n", to: "\(device)/speed")
        try fake.write(" \(version)\n", to: "\(device)/version")
        try fake.write("1\n", to: "\(device)/busnum")
        try fake.write("", to: "\(device)/1-1:1.0/video4linux/video0/name")
        try fake.link(
            "/sys/class/video4linux/video0", to: "../../devices/pci/usb1/1-1/1-1:1.0/video4linux/video0")
        try fake.link("\(device)/1-1:1.0/video4linux/video0/device", to: "../../../1-1:1.0")
        return fake
    }

    @Test func portsThatAreTooSlowAreTold() throws {
        // 5 pictures need 166 of the 192 Mbit/s that USB 2 has for pictures, 30 need 996.
        let enough = try #require(try camera(480, version: "2.00", rate: 5).findings(.bandwidth).first)
        #expect(enough.verdict == .fine)
        let slow = try #require(try camera(480, version: "2.00", rate: 30).findings(.bandwidth).first)
        #expect(slow.verdict == .note)
        #expect(slow.message.contains("1920x1080 yuyv at 30 needs 996 Mbit/s"))
        let wrong = try #require(try camera(480, version: "2.10", rate: 30).findings(.bandwidth).first)
        #expect(wrong.message.contains("blue port"))
        #expect(try camera(5000, version: "3.20", rate: 30).findings(.bandwidth).map(\.verdict) == [.fine])
        let old = try camera(12, version: "1.10", rate: 5)
        #expect(old.findings(.bandwidth).map(\.verdict) == [.trouble])
        #expect(!old.diagnosis().isFine)
    }

    @Test func camerasThatShareABusAreAddedUp() throws {
        func camera(_ number: Int, _ bus: String) -> DiagnosedMachine.USBCamera {
            DiagnosedMachine.USBCamera(
                path: "/dev/video\(number)", name: "cam", bus: bus, speed: 480, isSlowedDown: false,
                greatest: ("640x480 YUYV at 30", 148))
        }
        let machine = try FakeMachine().machine
        let shared = machine.bandwidthFindings([camera(0, "1"), camera(2, "1"), camera(4, "2")])
        #expect(shared.map(\.verdict) == [.fine, .fine, .fine, .note])
        #expect(shared.last?.message.contains("/dev/video0 and /dev/video2 share a bus") == true)
        #expect(machine.bandwidthFindings([camera(0, "1"), camera(2, "2")]).allSatisfy { $0.verdict == .fine })
    }
}
