// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

@Suite struct SyncPolicyTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("clip.h264")
    }

    private func failingWrites(_ output: FileOutput) -> CameraError? {
        // The error is there when the call that failed is over, which the next write need not meet yet.
        while true {
            do throws(CameraError) {
                try output.write([1].span.bytes, Pictures.info(0))
            } catch {
                return error
            }
        }
    }

    @Test func noneNeverSyncs() throws {
        let calls = SyncCalls(for: path)
        defer { calls.end() }
        let output = try FileOutput(path: path)
        try output.put("x")
        try output.end()
        try output.close()
        #expect(try output.waitUntilClosed(until: nil))
        #expect(calls.count == 0)
    }

    @Test func onSplitSyncsAtTheEndAlone() throws {
        let calls = SyncCalls(for: path)
        defer { calls.end() }
        let output = try FileOutput(path: path, sync: .onSplit)
        for _ in 0..<100 { try output.put("x") }
        #expect(calls.count == 0)
        try output.end()
        calls.wait(for: 1)
        try output.close()
        #expect(try output.waitUntilClosed(until: nil))
        #expect(calls.count == 1)
    }

    @Test func everySyncsWhileWritingAndAtTheEnd() throws {
        let calls = SyncCalls(for: path)
        defer { calls.end() }
        let output = try FileOutput(path: path, sync: .every(.milliseconds(2)))
        for count in 1...3 {
            try output.put("x")
            calls.wait(for: count)
        }
        try output.close()
        #expect(try output.waitUntilClosed(until: nil))
        // There was nothing new to sync.
        #expect(calls.count == 3)
    }

    @Test func everyDoesNotWaitForItsPeriodToEnd() throws {
        let calls = SyncCalls(for: path)
        defer { calls.end() }
        let output = try FileOutput(path: path, sync: .every(.seconds(100_000)))
        try output.put("x")
        try output.close()
        #expect(try output.waitUntilClosed(until: nil))
        #expect(calls.count == 1)
    }

    @Test func anErrorOfSyncingIsThrownByALaterWriteAndByClose() throws {
        let calls = SyncCalls(for: path, failingWith: EIO)
        defer { calls.end() }
        let output = try FileOutput(path: path, sync: .every(.milliseconds(1)))
        let error = failingWrites(output)
        #expect(error?.code == .output)
        #expect(error?.systemError?.rawValue == EIO)
        #expect(error?.subject == path)
        #expect(throws: CameraError.self) { try output.close() }
        #expect(throws: CameraError.self) { try output.waitUntilClosed(until: nil) }
        // It is closed all the same.
        try FileOutput(path: path).close()
    }

    @Test func anErrorOfTheLastSyncIsThereForWhoWaits() throws {
        let calls = SyncCalls(for: path, failingWith: EIO)
        defer { calls.end() }
        let output = try FileOutput(path: path, sync: .onSplit)
        try output.put("x")
        try output.close()
        let error = #expect(throws: CameraError.self) { try output.waitUntilClosed(until: nil) }
        #expect(error?.systemError?.rawValue == EIO)
    }

    @Test func aFileThatWasForgottenIsSyncedAndLetGo() throws {
        let calls = SyncCalls(for: path)
        defer { calls.end() }
        try FileOutput(path: path, sync: .onSplit).put("x")
        calls.wait(for: 1)
    }

    @Test func aFileThatNeverBeganCanBeDiscarded() throws {
        let output = try FileOutput(path: path, sync: .onSplit)
        output.discard()
        #expect(try output.waitUntilClosed(until: nil))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(arguments: [SyncPolicy.onSplit, .every(.milliseconds(1))])
    func devicesAreNotSynced(_ sync: SyncPolicy) throws {
        let output = try FileOutput(path: "/dev/null", sync: sync)
        try output.put("x")
        try output.end()
        try output.close()
        #expect(try output.waitUntilClosed(until: nil))
    }

    @Test func aPeriodMustBePositive() {
        let error = #expect(throws: CameraError.self) { try FileOutput(path: path, sync: .every(.zero)) }
        #expect(error?.code == .invalidValue)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
