// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Synchronization
import TestSupport
import Testing

@Suite struct MotionOutputTests {
    /// A record as picamera's programs make it by hand: x, y, the difference's low byte, its high byte.
    @Test func recordsHavePicamerasLayout() throws {
        let size = Resolution(40, 20)
        var field = MotionField(of: size)
        #expect((field.rows, field.columns) == (2, 4))
        field[1, 2] = MotionVector(x: -3, y: 127, sad: 0x1234)
        #expect(field.bytes.count == 32)
        #expect(Array(field.bytes[24..<28]) == [253, 127, 0x34, 0x12])
        let read = try MotionField(record: field.bytes.span.bytes, size: size)
        #expect(read == field)
        #expect(read[1, 2].length.rounded() == 127)
    }

    private final class Silent: MotionAnalysis, @unchecked Sendable {}

    private final class Counter: MotionAnalysis, @unchecked Sendable {
        let indexes = Mutex<[Int64?]>([])
        override func analyze(_ field: MotionField) throws {
            indexes.withLock { $0.append(field.info?.index) }
        }
    }

    /// picamera's array_no_analyze and its checks of lengths.
    @Test func analysisWantsWholeRecordsAndAnOverride() throws {
        let size = Resolution(40, 20)
        let record = [UInt8](repeating: 0, count: 32)
        #expect(code { try Silent(size: size).put(record) } == .unsupported)
        #expect(code { try Counter().put(record) } == .invalidValue)
        let counter = Counter(size: size)
        try counter.put(record)
        for length in [0, 10, 31, 33] {
            #expect(code { try counter.put([UInt8](repeating: 0, count: length)) } == .invalidValue)
        }
        #expect(counter.indexes.withLock { $0 } == [7])
        var stream = Pictures.stream()
        stream.size = Resolution(16, 16)
        try counter.begin(stream)
        #expect(code { try counter.put(record) } == .invalidValue)
        try counter.put([UInt8](repeating: 0, count: 8))
    }

    @Test func arrayKeepsWhatItsLimitAllows() throws {
        let array = MotionArray(size: Resolution(16, 16), limit: 24)
        for x in UInt8(1)...3 { try array.put([x, 0, 0, 1, 0, 0, 0, 0]) }
        #expect(code { try array.put([4, 0, 0, 1, 0, 0, 0, 0]) } == .output)
        #expect(array.count == 3)
        #expect(array[2, 0, 0] == MotionVector(x: 3, y: 0, sad: 256))
        #expect(array[1].columns == 2)
        #expect(array.removeAll().count == 3)
        #expect(array.count == 0)
        try array.put([4, 0, 0, 1, 0, 0, 0, 0])
        #expect(array.all.map { $0[0, 0].x } == [4])
    }

    private func code(_ body: () throws -> Void) -> CameraError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? CameraError)?.code
        }
    }

    // MARK: The detector

    /// What a detector says to a series of vectors.
    private func changes(_ fields: [MotionField], in areas: [ZoomRegion] = []) -> [Int: MotionDetector.Change] {
        var detector = MotionDetector()
        detector.areas = areas
        var changes: [Int: MotionDetector.Change] = [:]
        for (index, field) in fields.enumerated() {
            if let change = detector.add(field) { changes[index] = change }
        }
        return changes
    }

    private func field(_ vector: (_ row: Int, _ column: Int) -> MotionVector) -> MotionField {
        var field = MotionField(of: Resolution(320, 240))
        for row in 0..<field.rows {
            for column in 0..<field.columns - 1 { field[row, column] = vector(row, column) }
        }
        return field
    }

    @Test func onlyWhatMovesInTheAreasCounts() {
        let still = field { _, _ in MotionVector(x: 0, y: 0, sad: 300) }
        // 20 by 15 blocks; what moves is in columns 4 to 6 of rows 4 to 6.
        let object = field { row, column in
            (4...6) ~= row && (4...6) ~= column
                ? MotionVector(x: -6, y: 1, sad: 900) : MotionVector(x: 0, y: 0, sad: 300)
        }
        let fields = [MotionField(of: Resolution(320, 240))] + Array(repeating: still, count: 3)
        let event = fields + Array(repeating: object, count: 5)
        let right = ZoomRegion(x: 0.5, y: 0, width: 0.5, height: 1)
        let upperLeft = ZoomRegion(x: 0, y: 0, width: 0.5, height: 0.5)
        #expect(changes(event, in: [right]) == [:])
        #expect(changes(event, in: [right, upperLeft]) == [5: .began])
        // Too narrow for any block's middle.
        #expect(changes(event, in: [ZoomRegion(x: 0, y: 0, width: 0.001, height: 1)]) == [:])
    }

    @Test func somethingThatMovesBeginsAndEnds() {
        let still = field { _, _ in MotionVector(x: 0, y: 0, sad: 300) }
        let object = field { row, column in
            (4...6) ~= row && (4...6) ~= column
                ? MotionVector(x: -6, y: 1, sad: 900) : MotionVector(x: 0, y: 0, sad: 300)
        }
        let fields = [MotionField(of: Resolution(320, 240))] + Array(repeating: still, count: 10)
        #expect(changes(fields) == [:])
        let event = fields + Array(repeating: object, count: 5) + Array(repeating: still, count: 20)
        #expect(changes(event + event.dropFirst()) == [12: .began, 30: .ended, 47: .began, 65: .ended])
    }

    /// One picture with movement, blocks that move on their own, and movement that is too small, are none.
    @Test func whatIsNotMovementDoesNotFire() {
        var random = SeededRandom(seed: 5)
        let first = MotionField(of: Resolution(320, 240))
        let still = field { _, _ in MotionVector(x: 0, y: 0, sad: 300) }
        let moved = field { _, _ in MotionVector(x: 9, y: 0, sad: 300) }
        #expect(changes([first, still, moved, still, moved, still]) == [:])
        let small = field { _, _ in MotionVector(x: 1, y: 1, sad: 300) }
        #expect(changes([first] + Array(repeating: small, count: 9)) == [:])
        let chaos = (0..<30).map { _ in
            field { row, column in
                (row + column) % 3 != 0
                    ? .zero
                    : MotionVector(
                        x: Int8.random(in: -90...90, using: &random), y: Int8.random(in: -90...90, using: &random),
                        sad: 2000)
            }
        }
        #expect(changes([first] + chaos) == [:])
        let strongNoise = field { _, _ in MotionVector(x: 0, y: 0, sad: 9000) }
        #expect(changes([first] + Array(repeating: strongNoise, count: 9)) == [:])
    }

    @Test func anotherPictureFiresAtOnce() {
        let first = MotionField(of: Resolution(320, 240))
        let still = field { _, _ in .zero }
        let cut = field { _, _ in MotionVector(x: 3, y: 90, sad: 9000) }
        #expect(changes([first, still, still, cut] + Array(repeating: still, count: 20)) == [3: .began, 18: .ended])
    }
}

extension Output {
    /// Writes bytes as picture 7.
    fileprivate func put(_ bytes: [UInt8]) throws {
        try write(bytes.span.bytes, Pictures.info(7))
    }
}
