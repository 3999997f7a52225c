// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import V4L2

/// A machine that is a folder: what a ``Diagnosis`` looks at, as a test wants it.
///
/// It has a camera that is free, and lacks nothing.
struct FakeMachine {
    let folder: TemporaryFolder
    var machine = DiagnosedMachine()
    /// The camera behind /dev/video0.
    let driver: ScriptedDriver

    init(_ change: (inout ScriptedDriver.Description) -> Void = { _ in }) throws {
        folder = try TemporaryFolder()
        var description = ScriptedDriver.Description()
        change(&description)
        driver = ScriptedDriver(description)
        machine.root = folder.path("")
        while machine.root.hasSuffix("/") { machine.root.removeLast() }
        machine.calls = driver.calls
        machine.user = "ada"
        machine.groups = ["ada", "video"]
        machine.space = { _ in .success(DiagnosedMachine.Space(freeBytes: 100_000_000_000)) }
        machine.isClockSet = { true }
        machine.now = { 2_000_000_000 }
        machine.buildTime = { 1_900_000_000 }
        machine.libraries = { [] }
        machine.processorCameras = { [] }
        try write("", to: "/dev/video0")
        try write("MemTotal:        8000000 kB\nMemFree: 1 kB\n", to: "/proc/meminfo")
    }

    /// Writes a file, and the folders above it.
    func write(_ text: String, to path: String) throws {
        try makeFolder(above: path)
        try Data(text.utf8).write(to: folder.file(String(path.dropFirst())))
    }

    /// Makes a link that says what it is given.
    func link(_ path: String, to target: String) throws {
        try makeFolder(above: path)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(String(path.dropFirst())), withDestinationPath: target)
    }

    func remove(_ path: String) throws {
        try FileManager.default.removeItem(atPath: folder.path(String(path.dropFirst())))
    }

    private func makeFolder(above path: String) throws {
        let above = folder.file(String(path.dropFirst())).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: above, withIntermediateDirectories: true)
    }

    /// What is found.
    func diagnosis(_ folder: String = ".") -> Diagnosis { Diagnosis(of: machine, recordingTo: folder) }

    /// What is found of a kind.
    func findings(_ kind: Finding.Kind) -> [Finding] { diagnosis().findings.filter { $0.kind == kind } }
}
