// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Set in the environment of the process that runs the cycles alone.
let cyclesSwitch = "LAB_LIBCAMERA_CYCLES"

extension DeviceLab {
    /// Starting and stopping leaves nothing behind; run by `LibCameraTests` in a process where nothing else was done.
    @Suite(.enabled(if: ProcessInfo.processInfo.environment[cyclesSwitch] != nil))
    struct LibCameraCycles {
        /// What the process has open and mapped.
        private struct Holdings: Equatable {
            let descriptors: [String]
            let mappings: [String]
            /// Their names.
            let threads: [String]

            init() throws {
                let files = FileManager.default
                descriptors = try files.contentsOfDirectory(atPath: "/proc/self/fd")
                    .compactMap { try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
                    // The one that lists the others is this one's own.
                    .filter { !$0.hasPrefix("/proc/") }.sorted()
                // The kernel gives a page at a time, at which reading the file as a whole ends.
                let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
                var data = Data()
                while let part = try file.read(upToCount: 65536), !part.isEmpty { data += part }
                let maps = String(decoding: data, as: UTF8.self)
                // Memory without a name is the allocator's.
                mappings = maps.split(separator: "\n").compactMap { line in
                    let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
                    return fields.count > 5 ? String(fields[5].drop { $0 == " " }) : nil
                }.sorted()
                #expect(mappings.contains { $0.contains("libcamera.so") })
                threads = try files.contentsOfDirectory(atPath: "/proc/self/task")
                    // One that ends meanwhile has none.
                    .compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
                    // The test runner's own: Dispatch ends idle ones when it likes.
                    .filter { !$0.contains("default-") && !$0.contains("overcommit") }.sorted()
            }

            /// What came and went.
            func difference(from other: Holdings) -> [String] {
                [(descriptors, other.descriptors), (mappings, other.mappings), (threads, other.threads)].flatMap {
                    now, before in
                    now.difference(from: before).map { change in
                        switch change {
                        case .insert(_, let name, _): "+ \(name)"
                        case .remove(_, let name, _): "- \(name)"
                        }
                    }
                }
            }
        }

        /// Whether cycles leave the process as it was before them; some go before, whose libraries keep what they need.
        private func expectNothingNew(after count: Int, warmUp: Int, cycle: (Int) throws -> Void) throws {
            for number in 0..<warmUp { try cycle(number) }
            let before = try settled { _ in true }
            for number in 0..<count { try cycle(number) }
            let after = try settled { $0 == before }
            #expect(after == before, "\(after.difference(from: before))")
        }

        /// What there is once it changes no more and is as expected, within a minute: the kernel takes a moment to forget a
        /// thread.
        private func settled(_ isExpected: (Holdings) -> Bool) throws -> Holdings {
            var last = try Holdings()
            for _ in 0..<120 {
                usleep(500_000)
                let present = try Holdings()
                if present == last, isExpected(present) { break }
                last = present
            }
            return last
        }

        @Test func twoHundredStarts() throws {
            let camera = try LibCameraTests.open()
            defer { camera.close() }
            try expectNothingNew(after: 200, warmUp: 5) { number in
                try camera.start()
                if number % 10 == 0 { _ = try LibCameraTests.next(camera) }
                camera.stop()
            }
        }

        @Test func tenCameras() throws {
            try expectNothingNew(after: 10, warmUp: 2) { _ in
                let camera = try LibCameraTests.open()
                try camera.start()
                _ = try LibCameraTests.next(camera)
                camera.close()
            }
        }
    }
}
