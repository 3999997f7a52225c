// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import V4L2

/// The edges of the document's state machine.
extension EncoderConformance {
    /// open() leads to Initialization.
    package func openLeadsToInitialization() throws {
        let bench = try Bench(self)
        try bench.expectState(.initialization)
        try bench.encoder.allocate(try bench.encoder.negotiate(wish), .driver)
        try bench.expectState(.initialization)
    }

    /// "Both queues streaming" leads from Initialization to Encoding, whichever starts first.
    package func bothQueuesStreamingLeadToEncoding() throws {
        for rawFirst in [true, false] {
            let bench = try Bench(self)
            try bench.encoder.allocate(try bench.encoder.negotiate(wish), .driver)
            if rawFirst { try bench.encoder.startRaw() } else { try bench.encoder.startCoded() }
            try bench.expectState(.initialization)
            if rawFirst { try bench.encoder.startCoded() } else { try bench.encoder.startRaw() }
            try bench.expectState(.encoding)
            try bench.queue(3)
            try bench.drain()
            try bench.expectPackets(0..<3)
        }
    }

    /// Encoding stays Encoding while frames go in and packets come out.
    package func encodingStaysEncoding() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(12)
        try bench.expectState(.encoding)
        try bench.drain()
        try bench.expectPackets(0..<12)
    }

    /// `V4L2_ENC_CMD_STOP` leads from Encoding to Drain, and from there to Stopped when all is dequeued.
    package func stopCommandLeadsToDrainAndAllDequeuedToStopped() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(2)
        try expect(try bench.encoder.beginDrain(), "there is nothing to drain")
        try bench.expectState(.drain)
        while bench.encoder.state == .drain { try bench.step() }
        try bench.expectState(.stopped)
        try bench.expectPackets(0..<2)
    }

    /// `VIDIOC_STREAMOFF(CAPTURE)` leads from Encoding to Reset, `STREAMON` back: a stream of its own begins.
    package func codedStreamOffLeadsToResetAndOnToEncoding() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(2)
        try bench.drain()
        try bench.encoder.resume(by: .command)
        try bench.encoder.stopCoded()
        try bench.expectState(.reset)
        try bench.encoder.startCoded()
        try bench.expectState(.encoding)
        try bench.queue(2)
        try bench.drain()
        try bench.expectPackets(0..<4)
        try expect(bench.keys[2], "the first picture after the reset is no key frame")
    }

    /// `VIDIOC_STREAMOFF(OUTPUT)` leads from Encoding to Stopped, `STREAMON` back.
    package func rawStreamOffLeadsToStoppedAndOnToEncoding() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(2)
        try bench.wait(forPackets: 2)
        try bench.encoder.stopRaw()
        try bench.expectState(.stopped)
        try bench.encoder.startRaw()
        try bench.expectState(.encoding)
        try bench.queue(2)
        try bench.drain()
        try bench.expectPackets(0..<4)
    }

    /// `VIDIOC_STREAMOFF(OUTPUT)` leads from Drain to Stopped: the drain ends at once, with an empty last buffer.
    package func rawStreamOffLeadsFromDrainToStopped() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(4)
        try expect(try bench.encoder.beginDrain(), "there is nothing to drain")
        try bench.encoder.stopRaw()
        while bench.encoder.state == .drain { try bench.step() }
        try bench.expectState(.stopped)
        try bench.encoder.startRaw()
        try bench.expectState(.encoding)
        let before = bench.packets.count
        try bench.queue(1)
        try bench.drain()
        try expect(bench.packets.count == before + 1 && bench.packets.last == 4, "packets came of \(bench.packets)")
    }

    /// `VIDIOC_STREAMOFF(CAPTURE)` leads from Drain to Reset: the drain is given up.
    package func codedStreamOffLeadsFromDrainToReset() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(3)
        try expect(try bench.encoder.beginDrain(), "there is nothing to drain")
        try bench.encoder.stopCoded()
        try bench.expectState(.reset)
        try bench.encoder.startCoded()
        try bench.expectState(.encoding)
        let before = bench.packets.count
        try bench.queue(1)
        try bench.drain()
        try expect(bench.packets.count > before && bench.packets.last == 3, "packets came of \(bench.packets)")
        try expect(bench.keys[before], "the first picture after the reset is no key frame")
    }

    /// `VIDIOC_REQBUFS(OUTPUT, 0)` leads from Reset to Initialization, from where all begins anew.
    package func freeingRawBuffersLeadsFromResetToInitialization() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(2)
        try bench.drain()
        try bench.encoder.stopCoded()
        try bench.expectState(.reset)
        try bench.encoder.release()
        try bench.expectState(.initialization)
        try bench.begin()
        try bench.queue(2)
        try bench.drain()
        try bench.expectPackets(0..<4)
    }

    /// `V4L2_ENC_CMD_START` leads from Stopped to Encoding, with the state from before.
    package func startCommandLeadsFromStoppedToEncoding() throws {
        try resumes(by: .command, keepsState: true)
    }

    /// `VIDIOC_STREAMON(OUTPUT)` leads from Stopped to Encoding, with the state from before.
    package func rawStreamOnLeadsFromStoppedToEncoding() throws {
        try resumes(by: .rawRestart, keepsState: false)
    }

    /// `VIDIOC_STREAMOFF(CAPTURE)` leads from Stopped to Reset, and `STREAMON` on to Encoding.
    package func codedStreamOffLeadsFromStoppedToReset() throws {
        try resumes(by: .codedRestart, keepsState: false)
    }

    private func resumes(by way: StatefulEncoder.Resumption, keepsState: Bool) throws {
        let bench = try Bench(self)
        try bench.begin()
        for run in 0..<3 {
            try bench.queue(2)
            try bench.drain()
            try bench.expectPackets(bench.queued)
            if run < 2 {
                try bench.encoder.resume(by: way)
                try bench.expectState(.encoding)
            }
        }
        if keepsState, self.keepsState {
            try expect(!bench.keys[2], "a key frame came after a drain that keeps the state")
        }
        if way == .codedRestart { try expect(bench.keys[2] && bench.keys[4], "no key frame came after a reset") }
    }
}
