// SPDX-License-Identifier: MIT

package import CameraCodecs
package import CameraCore
package import V4L2

/// What every stateful encoder must do, scripted or real: the edges of the document's state machine and the cases of its
/// section "Drain", as bodies of tests.
package struct EncoderConformance: Sendable {
    /// Opens the device anew.
    package let open: @Sendable () throws -> VideoDevice
    /// What the encoder is set up for.
    package let wish: EncoderWish
    /// A frame of the wish's format with a number.
    package let frame: @Sendable (Int) -> Frame
    /// How long the encoder may take for a step.
    package let patience: Duration

    /// Whether it goes on after a drain with its state; otherwise only by a restart of its coded queue.
    package let keepsState: Bool

    /// Describes an encoder.
    package init(
        wish: EncoderWish, patience: Duration, keepsState: Bool = true,
        open: @escaping @Sendable () throws -> VideoDevice,
        frame: @escaping @Sendable (Int) -> Frame
    ) {
        self.wish = wish
        self.patience = patience
        self.keepsState = keepsState
        self.open = open
        self.frame = frame
    }

    /// Something is not as the document has it.
    package struct Mismatch: Error, CustomStringConvertible {
        package let description: String
    }

    func expect(_ isFine: Bool, _ text: @autoclosure () -> String) throws {
        if !isFine { throw Mismatch(description: text()) }
    }

    /// An encoder, and what came out of it.
    final class Bench {
        let encoder: StatefulEncoder
        let wakeUp: WakeUp
        let conformance: EncoderConformance
        /// The numbers of the frames that packets came of, in their order.
        var packets: [Int] = []
        /// Whether each is a key frame.
        var keys: [Bool] = []
        private var next = 0

        init(_ conformance: EncoderConformance) throws {
            self.conformance = conformance
            let device = try conformance.open()
            encoder = StatefulEncoder(device)
            wakeUp = try WakeUp(calls: device.systemCalls)
        }

        deinit {
            // Closing the device frees all.
            try? encoder.release()
            encoder.device.close()
        }

        /// Goes through initialization, up to the start of both queues.
        func begin() throws {
            try encoder.allocate(try encoder.negotiate(conformance.wish), .driver)
            try encoder.start()
        }

        /// Queues so many frames, waiting for room.
        func queue(_ count: Int) throws {
            for _ in 0..<count {
                while !encoder.hasRoom { try step() }
                try encoder.queue(conformance.frame(next), time: Self.time(next))
                next += 1
            }
        }

        /// Waits for the driver, and takes what there is.
        func step() throws {
            let readiness = try encoder.wait(wakeUp, until: .now + conformance.patience)
            try conformance.expect(!readiness.isEmpty, "the encoder gave nothing in \(encoder.state)")
            try take()
        }

        func take() throws {
            while try encoder.dequeueRaw() != nil {}
            while try encoder.dequeueCoded({ coded in
                let number = Int(coded.time.nanoseconds / 1_000_000) - 1
                let isKey = coded.flags.contains(.keyFrame) || FrameType(fwht: coded.bytes) == .key
                // A frame may come in several buffers, one after the other.
                if packets.last == number {
                    keys[keys.count - 1] = keys[keys.count - 1] || isKey
                } else {
                    packets.append(number)
                    keys.append(isKey)
                }
            }) {}
        }

        /// Drains to the end.
        func drain() throws {
            try conformance.expect(try encoder.beginDrain(), "the drain does not begin in \(encoder.state)")
            while encoder.state == .drain { try step() }
            try expectState(.stopped)
        }

        /// Waits for packets up to this count.
        func wait(forPackets count: Int) throws {
            while packets.count < count { try step() }
        }

        func expectState(_ state: StatefulEncoder.State) throws {
            try conformance.expect(encoder.state == state, "it is in \(encoder.state), not in \(state)")
        }

        /// Checks that packets came of exactly these frames, in this order.
        func expectPackets(_ numbers: some Sequence<Int>) throws {
            try conformance.expect(packets == Array(numbers), "packets came of \(packets), not of \(Array(numbers))")
        }

        /// The frames that were queued.
        var queued: Range<Int> { 0..<next }

        private static func time(_ number: Int) -> Timestamp {
            Timestamp(nanoseconds: (Int64(number) + 1) * 1_000_000)
        }
    }
}
