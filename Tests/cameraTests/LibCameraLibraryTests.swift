// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// How the tool finds the library that speaks with libcamera, which is built beside it, and what it does without.
@Suite struct LibCameraLibraryTests {
    private static let library = "libCameraLibCamera.so"
    private static let noCamera = ["record", "out.mjpeg", "--camera", "libcamera:no-such-camera"]

    /// A folder that holds the program, and nothing else of the build.
    private static func installation() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["bin", "lib"] {
            try FileManager.default.createDirectory(at: folder.file(name), withIntermediateDirectories: false)
        }
        // By another process: a program that this one has open for writing, and so any child that another test has just
        // forked, cannot be run.
        #expect(try run("cp", [Tool.path, folder.path("bin/camera")]).status == 0)
        return folder
    }

    @Test func withoutTheLibraryOnlyItsCamerasAreMissing() throws {
        let folder = try Self.installation()
        let tool = folder.path("bin/camera")
        let refused = try run(tool, Self.noCamera, in: folder.url)
        #expect(refused.status == 1)
        #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
        #expect(refused.errors.contains(Self.library), "\(refused.errors)")
        #if LibCamera
        #expect(refused.errors.contains("keep it in the program's folder"), "\(refused.errors)")
        #else
        #expect(refused.errors.contains("without the trait LibCamera"), "\(refused.errors)")
        #endif
        let test = ["record", "out.mjpeg", "--camera", "test", "--size", "64x48", "--frames", "2", "--pace", "none"]
        #expect(try run(tool, test, in: folder.url).status == 0)
        #expect(try run(tool, ["list"], in: folder.url).status == 0)
    }

    #if LibCamera
    @Test(arguments: ["bin", "lib"]) func theLibraryIsFoundBesideTheProgramAndInLib(place: String) throws {
        let folder = try Self.installation()
        let built = URL(fileURLWithPath: Tool.path).deletingLastPathComponent().appendingPathComponent(Self.library)
        try FileManager.default.copyItem(at: built, to: folder.file("\(place)/\(Self.library)"))
        let refused = try run(folder.path("bin/camera"), Self.noCamera, in: folder.url)
        // It is the camera that there is not.
        #expect(refused.status == 1)
        #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
        #expect(!refused.errors.contains(Self.library), "\(refused.errors)")
    }

    @Test func aLibraryThatCannotBeLoadedSaysWhatItLacks() throws {
        let folder = try Self.installation()
        try Data("no library".utf8).write(to: folder.file("bin/\(Self.library)"))
        let refused = try run(folder.path("bin/camera"), Self.noCamera, in: folder.url)
        #expect(refused.status == 1)
        #expect(refused.errors.contains("bin/\(Self.library)"), "\(refused.errors)")
    }
    #endif
}
