// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import SystemPackage
internal import V4L2

extension ScriptedEncoder.State {
    mutating func requestBuffers(_ request: inout v4l2_requestbuffers) -> Errno? {
        guard let isRaw = isRaw(request.type) else { return .invalidArgument }
        note("VIDIOC_REQBUFS", isRaw)
        let isImport = request.memory == V4L2_MEMORY_DMABUF.rawValue
        if isImport, !description.importsMemory || !isRaw { return .invalidArgument }
        let queue = isRaw ? raw : coded
        guard !queue.isStreaming || request.count == 0 else { return refuse("made buffers while the queue streams") }
        if request.count > 0, codedFormat == nil { violations.append("made buffers before setting formats") }
        var count = Int(request.count)
        if count > 0 {
            let range = isRaw ? description.rawBuffers : description.codedBuffers
            count = min(max(count, range.lowerBound), range.upperBound)
        }
        request.count = UInt32(count)
        var new = ScriptedEncoder.Queue()
        new.count = count
        new.isImporting = isImport
        if !isImport {
            let sizes = isRaw ? rawByteCounts : [codedByteCount]
            new.memories = (0..<count).map { _ in
                sizes.map { size in
                    let block = UnsafeMutableRawPointer.allocate(byteCount: max(size, 1), alignment: 4096)
                    block.initializeMemory(as: UInt8.self, repeating: 0, count: max(size, 1))
                    allMemory.append(block)
                    return block
                }
            }
        }
        if isRaw {
            raw = new
        } else {
            coded = new
            (isDraining, isStopped, lastWasTaken) = (false, false, false)
        }
        if raw.count == 0, coded.count == 0 { hasFailed = false }
        return nil
    }

    mutating func stream(_ type: UInt32, isOn: Bool) -> Errno? {
        guard let isRaw = isRaw(type) else { return .invalidArgument }
        note(isOn ? "VIDIOC_STREAMON" : "VIDIOC_STREAMOFF", isRaw)
        guard (isRaw ? raw : coded).count > 0 else {
            if isOn { violations.append("started a queue without buffers") }
            return isOn ? .invalidArgument : nil
        }
        if isRaw {
            if isOn {
                raw.isStreaming = true
                // One of the ways to go on after a drain; one that is not at its end ends with its last buffer.
                if isStopped, !description.staysAtEnd { (isStopped, lastWasTaken) = (false, false) }
            } else {
                raw.giveAllBack()
            }
        } else {
            coded.isStreaming = isOn
            if !isOn {
                coded.giveAllBack()
                (isDraining, isStopped, lastWasTaken) = (false, false, false)
                beginStream()
            }
        }
        work()
        return nil
    }

    mutating func exchangeBuffer(_ buffer: inout v4l2_buffer, _ request: UInt) -> Errno? {
        guard let isRaw = isRaw(buffer.type) else { return .invalidArgument }
        switch request {
        case CV4L2_QUERYBUF: return queryBuffer(&buffer, isRaw)
        case CV4L2_QBUF: return queueBuffer(buffer, isRaw)
        default: return dequeueBuffer(&buffer, isRaw)
        }
    }

    private func queryBuffer(_ buffer: inout v4l2_buffer, _ isRaw: Bool) -> Errno? {
        let index = Int(buffer.index)
        let memories = (isRaw ? raw : coded).memories
        guard memories.indices.contains(index) else { return .invalidArgument }
        let sizes = isRaw ? rawByteCounts : [codedByteCount]
        func offset(_ memory: Int) -> UInt32 { UInt32((isRaw ? 0 : 1) << 28 | index << 15 | memory << 12) }
        if description.isMultiplanar {
            guard let planes = buffer.m.planes, buffer.length >= sizes.count else { return .invalidArgument }
            for (memory, size) in sizes.enumerated() {
                planes[memory].length = UInt32(size)
                planes[memory].m.mem_offset = offset(memory)
            }
            buffer.length = UInt32(sizes.count)
        } else {
            buffer.length = UInt32(sizes[0])
            buffer.m.offset = offset(0)
        }
        return nil
    }

    private mutating func queueBuffer(_ buffer: v4l2_buffer, _ isRaw: Bool) -> Errno? {
        if hasFailed { return .ioError }
        let index = Int(buffer.index)
        note("VIDIOC_QBUF", isRaw)
        guard index < (isRaw ? raw : coded).count, !(isRaw ? raw : coded).has(index) else {
            violations.append("queued buffer \(index), which is not the program's")
            return .invalidArgument
        }
        var entry = ScriptedEncoder.Queue.Entry(index: index, time: buffer.timestamp)
        if isRaw {
            let used = description.isMultiplanar ? buffer.m.planes?[0].bytesused ?? 0 : buffer.bytesused
            if used == 0 { violations.append("queued an empty frame") }
            if raw.waiting.contains(where: { same($0.time, entry.time) }) {
                violations.append("queued two frames with the same time")
            }
            if raw.isImporting {
                let descriptor = description.isMultiplanar ? buffer.m.planes?[0].m.fd ?? -1 : buffer.m.fd
                guard let block = shared[descriptor] else { return .invalidArgument }
                entry.frame = block
                queuedKinds.imported += 1
            } else {
                entry.frame = ScriptedEncoder.SharedBlock(address: UnsafeRawPointer(raw.memories[index][0]))
                queuedKinds.copied += 1
            }
            raw.waiting.append(entry)
        } else if isStopped {
            // Beyond the end of a drain nothing is filled until the encoder goes on.
            coded.waiting.append(entry)
            return nil
        } else {
            coded.waiting.append(entry)
        }
        work()
        return nil
    }

    private func same(_ left: timeval, _ right: timeval) -> Bool {
        left.tv_sec == right.tv_sec && left.tv_usec == right.tv_usec
    }

    private mutating func dequeueBuffer(_ buffer: inout v4l2_buffer, _ isRaw: Bool) -> Errno? {
        if hasFailed { return .ioError }
        guard (isRaw ? raw : coded).isStreaming else { return .invalidArgument }
        if !isRaw, lastWasTaken { return .brokenPipe }
        let entry: ScriptedEncoder.Queue.Entry
        if isRaw {
            guard !raw.done.isEmpty else { return .resourceTemporarilyUnavailable }
            entry = raw.done.removeFirst()
        } else {
            guard !coded.done.isEmpty else {
                trickle()
                return .resourceTemporarilyUnavailable
            }
            entry = coded.done.removeFirst()
            if entry.flags & UInt32(V4L2_BUF_FLAG_LAST) != 0 { lastWasTaken = true }
        }
        log.append("VIDIOC_DQBUF \(isRaw ? "OUTPUT" : "CAPTURE")")
        buffer.index = UInt32(entry.index)
        buffer.timestamp = entry.time
        buffer.flags = entry.flags | UInt32(V4L2_BUF_FLAG_TIMESTAMP_COPY)
        if description.isMultiplanar {
            buffer.length = UInt32(isRaw ? rawByteCounts.count : 1)
            buffer.m.planes?[0].length = UInt32(isRaw ? rawByteCounts[0] : codedByteCount)
            buffer.m.planes?[0].bytesused = UInt32(entry.byteCount)
            buffer.m.planes?[0].data_offset = 0
        } else {
            buffer.bytesused = UInt32(entry.byteCount)
            buffer.length = UInt32(isRaw ? rawByteCounts[0] : codedByteCount)
        }
        return nil
    }
}
