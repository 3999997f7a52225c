// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import Glibc
internal import V4L2

extension ScriptedEncoder.State {
    /// Codes what can be coded, and ends a drain when all is.
    mutating func work() {
        while codeNext() {}
        guard isDraining, raw.waiting.isEmpty, coded.later.isEmpty, !hasFailed, !isSilent else { return }
        raw.done += raw.held
        raw.held = []
        // With no buffer for it, the last one is the next that comes.
        guard let index = coded.waiting.first?.index else { return }
        coded.waiting.removeFirst()
        coded.done.append(
            ScriptedEncoder.Queue.Entry(index: index, time: timeval(), flags: UInt32(V4L2_BUF_FLAG_LAST)))
        isDraining = false
        isStopped = true
    }

    private mutating func codeNext() -> Bool {
        guard raw.isStreaming, coded.isStreaming, !isStopped, !hasFailed, !isSilent, coded.later.isEmpty,
            let place = nextFrame
        else { return false }
        let entry = raw.waiting[place]
        let number = self.number(of: entry)
        let fault = description.faults[number]
        switch fault {
        case .fatal:
            description.faults[number] = nil
            hasFailed = true
            return false
        case .silence:
            isSilent = true
            return false
        case .damagedFrame, .swallowed:
            raw.waiting.remove(at: place)
            var entry = entry
            if case .damagedFrame = fault { entry.flags = UInt32(V4L2_BUF_FLAG_ERROR) }
            raw.done.append(entry)
            return true
        case .damagedPacket, nil: break
        }
        let isKey = pictures == 0 || forcesKey || sinceKey >= groupSize
        let isBidirectional = !isKey && pendingBidirectional > 0
        let givesHeaders = isKey && (value(EncoderControl.repeatHeaders) ?? 0 != 0 || !headersWereGiven)
        let count = pieceCount(of: number) + (givesHeaders && description.separatesHeaders ? 1 : 0)
        guard coded.waiting.count >= count else { return false }
        raw.waiting.remove(at: place)
        release(entry)
        let type = isKey ? V4L2_BUF_FLAG_KEYFRAME : isBidirectional ? V4L2_BUF_FLAG_BFRAME : V4L2_BUF_FLAG_PFRAME
        for bytes in buffers(of: number, isKey: isKey, isReference: !isBidirectional, givesHeaders: givesHeaders) {
            give(bytes, of: entry, description.marksTypes ? UInt32(type) : 0, isDamaged: fault != nil)
        }
        forcesKey = false
        pictures += 1
        sinceKey = isKey ? 1 : sinceKey + 1
        return true
    }

    /// Where the next frame to be coded waits: with bidirectional pictures the last of a group comes first.
    private var nextFrame: Int? {
        guard !raw.waiting.isEmpty else { return nil }
        guard description.bidirectional > 0, pictures > 0 else { return 0 }
        // The rest of a group that was begun.
        if pendingBidirectional > 0 { return 0 }
        let group = description.bidirectional + 1
        if raw.waiting.count >= group { return group - 1 }
        return isDraining ? raw.waiting.count - 1 : nil
    }

    /// Frames at the queue's beginning that were overtaken by the one that they need.
    private var pendingBidirectional: Int {
        guard let newest = newestCoded else { return 0 }
        return raw.waiting.filter { $0.time.tv_sec * 1_000_000 + $0.time.tv_usec < newest }.count
    }

    private mutating func release(_ entry: ScriptedEncoder.Queue.Entry) {
        let time = entry.time.tv_sec * 1_000_000 + entry.time.tv_usec
        newestCoded = max(newestCoded ?? time, time)
        if description.trickle == .beforeTheFrame {
            raw.later.append(entry)
            return
        }
        raw.held.append(entry)
        while raw.held.count > description.heldFrames { raw.done.append(raw.held.removeFirst()) }
    }

    private var groupSize: Int {
        Int(description.controls.first { $0.identifier == EncoderControl.groupSize }?.value ?? 12)
    }

    /// What the buffers of a picture hold.
    private mutating func buffers(
        of number: Int, isKey: Bool, isReference: Bool, givesHeaders: Bool
    ) -> [[UInt8]] {
        serial += 1
        let picture = ScriptedPicture(
            frame: number, serial: serial, references: isKey ? [] : [lastReference].compactMap(\.self),
            bitRate: value(EncoderControl.bitRate) ?? 0, pieceCount: pieceCount(of: number))
        if isReference { lastReference = serial }
        // Grey frames, which have no number, are coded with few bytes.
        let size = isKey && hasNumber(number) ? description.keyByteCount : 80
        var buffers = (0..<picture.pieceCount).map { picture.piece($0, byteCount: size / picture.pieceCount) }
        guard givesHeaders else { return buffers }
        headersWereGiven = true
        let profile = value(EncoderControl.profileH264) ?? -1
        let level = value(EncoderControl.levelH264) ?? -1
        let headers =
            description.sequenceSet.map { [0, 0, 0, 1] + $0 }
            ?? ScriptedPicture.parameterSets("profile=\(profile);level=\(level);")
        if description.separatesHeaders {
            buffers.insert(headers, at: 0)
        } else {
            buffers[0] = headers + buffers[0]
        }
        return buffers
    }

    private mutating func give(
        _ bytes: [UInt8], of entry: ScriptedEncoder.Queue.Entry, _ flags: UInt32, isDamaged: Bool
    ) {
        var coded = self.coded.waiting.removeFirst()
        coded.time = description.copiesTimes ? entry.time : timeval(tv_sec: 77_777_777, tv_usec: 0)
        coded.flags = flags
        if isDamaged || bytes.count > codedByteCount {
            coded.flags |= UInt32(V4L2_BUF_FLAG_ERROR)
        } else {
            coded.byteCount = bytes.count
            bytes.withUnsafeBytes { source in
                guard let start = source.baseAddress else { return }
                self.coded.memories[coded.index][0].copyMemory(from: start, byteCount: source.count)
            }
        }
        if description.trickle != nil, !self.coded.done.isEmpty {
            self.coded.later.append(coded)
        } else {
            self.coded.done.append(coded)
        }
    }

    /// Lets the next piece of a picture come, and after the last its frame.
    mutating func trickle() {
        if !coded.later.isEmpty { coded.done.append(coded.later.removeFirst()) }
        guard coded.later.isEmpty else { return }
        raw.done += raw.later
        raw.later = []
        work()
    }

    private func hasNumber(_ number: Int) -> Bool { number < 1 << 24 }

    private func pieceCount(of number: Int) -> Int {
        hasNumber(number) ? description.pieces : description.piecesWithoutNumber ?? description.pieces
    }

    /// The number that a frame carries in its first bytes.
    private func number(of entry: ScriptedEncoder.Queue.Entry) -> Int {
        guard let start = entry.frame?.address else { return -1 }
        return Int(start.loadUnaligned(as: UInt32.self))
    }

    func value(_ identifier: UInt32) -> Int64? {
        description.controls.first { $0.identifier == identifier }?.value
    }
}
