// SPDX-License-Identifier: MIT

import CV4L2
import CameraCore
import Glibc
import Synchronization
import SystemPackage

@testable import CameraDevices
@testable import V4L2

/// A driver of which every answer is the input's: structures of the kernel with anything in them, or errors.
///
/// The camera is found, described, set up, asked for its controls, and takes some frames.
@Sendable func askDriver(_ bytes: UnsafeRawBufferPointer) {
    let driver = InputDriver(bytes)
    let calls = driver.calls
    _ = try? V4L2Camera.available(calls: calls)
    driver.begin()
    guard let camera = try? V4L2Camera("/dev/video0", calls: calls) else { return }
    defer { camera.close() }
    _ = try? camera.pixelFormats()
    _ = try? camera.controls()
    _ = try? camera.inputs()
    _ = try? camera.detectTimings()
    guard (try? camera.start()) != nil else { return }
    for _ in 0..<8 {
        guard case .frame(let frame) = try? camera.next(timeout: .zero) else { continue }
        for index in 0..<frame.format.planeCount {
            // Each byte that a frame claims to have must be there.
            let plane = frame.plane(index)
            guard plane.byteCount > 0 else { continue }
            let all = UnsafeRawBufferPointer(start: plane.baseAddress, count: plane.byteCount)
            precondition(all.reduce(0) { $0 ^ $1 } == all.reduce(0) { $0 ^ $1 })
        }
    }
    _ = try? camera.requestKeyFrame()
    camera.stop()
}

private final class InputDriver: Sendable {
    private struct State {
        var bytes: [UInt8]
        var place = 0
        var callCount = 0
    }

    private let state: Mutex<State>
    /// A driver that goes on to tell of controls or formats would never be done with: after so many calls all fail.
    private static let mostCalls = 4096
    private static let largestMapping = 1 << 16

    init(_ bytes: UnsafeRawBufferPointer) {
        state = Mutex(State(bytes: Array(bytes)))
    }

    /// Answers from the front of the input again.
    func begin() {
        state.withLock {
            precondition($0.callCount < 100_000, "asked for ever")
            $0.place = 0
            $0.callCount = 0
        }
    }

    private func byte() -> UInt8 {
        state.withLock { state in
            guard state.place < state.bytes.count else { return 0 }
            defer { state.place += 1 }
            return state.bytes[state.place]
        }
    }

    private func answer(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno? {
        let (count, isOver) = state.withLock { state in
            state.callCount += 1
            return (state.callCount, state.place >= state.bytes.count)
        }
        guard count < Self.mostCalls, !isOver else { return Errno.operationNotSupportedByDevice }
        let verdict = byte()
        guard verdict & 7 != 7 else { return Errno(rawValue: Int32(verdict >> 3) + 1) }
        // Structures as they were handed over, of which the input changes some bytes.
        let size = Int(request >> 16 & 0x3FFF)
        let fixed = Self.fixedBytes(of: request, argument)
        for _ in 0..<Int(byte() & 31) {
            let (place, value) = (Int(byte()), byte())
            if place < size, !fixed.contains(place) {
                argument.storeBytes(of: value, toByteOffset: place, as: UInt8.self)
            }
        }
        if Self.number(of: request) == Self.getControls { fillControls(argument) }
        return nil
    }

    /// Values of the controls that were asked for, or the arrays and texts that they point to.
    private func fillControls(_ argument: UnsafeMutableRawPointer) {
        let list = argument.assumingMemoryBound(to: v4l2_ext_controls.self).pointee
        for index in 0..<Int(list.count) {
            let entry = UnsafeMutableRawPointer(list.controls + index)
            let size = Int(entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            if size == 0 {
                for place in 12..<20 { entry.storeBytes(of: byte(), toByteOffset: place, as: UInt8.self) }
            } else if let content = entry.loadUnaligned(fromByteOffset: 12, as: UnsafeMutableRawPointer?.self) {
                for place in 0..<size { content.storeBytes(of: byte(), toByteOffset: place, as: UInt8.self) }
            }
        }
    }

    private static let getControls = UInt(71)

    private static func number(of request: UInt) -> UInt { request & 0xFF }

    /// What a kernel never changes in a request's structure: pointers to the program's memory, and the length of that.
    private static func fixedBytes(of request: UInt, _ argument: UnsafeMutableRawPointer) -> Range<Int> {
        switch number(of: request) {
        case 9, 15, 17, 93:
            // v4l2_buffer: `m` and `length`, which describe the list of planes where there is one.
            let isMultiPlanar = argument.load(fromByteOffset: 4, as: UInt32.self) >= 9
            return isMultiPlanar ? 64..<76 : 0..<0
        // v4l2_ext_controls: the number of controls, and where they are.
        case 71, 72, 73: return 4..<32
        default: return 0..<0
        }
    }

    var calls: SystemCalls {
        var calls = SystemCalls.linux
        calls.open = { _ in .success(1000) }
        calls.close = { _ in }
        calls.ioctl = { [self] in answer($1, $2) }
        calls.map = { [self] _, _, count in
            guard (1...Self.largestMapping).contains(count), byte() & 15 != 15 else { return .failure(.noMemory) }
            return .success(.init(address: .allocate(byteCount: count, alignment: 4096), byteCount: count))
        }
        calls.unmap = { $0.address.deallocate() }
        calls.poll = { [self] entries, _ in
            let number = byte()
            if number == 255 { return .interrupted }
            for index in entries.indices { entries[index].revents = 0 }
            if !entries.isEmpty { entries[0].revents = Int16(number & 0x1F) }
            return nil
        }
        calls.makeCounter = { .success(1001) }
        calls.raiseCounter = { _ in }
        calls.clearCounter = { _ in }
        calls.watchFolder = { _ in .failure(.noSuchFileOrDirectory) }
        calls.clearWatch = { _ in }
        calls.names = { _ in ["video0"] }
        calls.linkTarget = { _ in nil }
        calls.canonicalPath = { _ in nil }
        calls.text = { [self] _ in String(decoding: [byte(), byte(), byte()], as: UTF8.self) }
        return calls
    }
}
