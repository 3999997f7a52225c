// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import Glibc
internal import SystemPackage
internal import V4L2

extension ScriptedDriver.State {
    mutating func failure(of call: String) -> Errno? {
        guard var list = failures[call], !list.isEmpty else { return nil }
        let errno = list.removeFirst()
        failures[call] = list
        return errno
    }

    /// What poll tells of the device; steps that need no buffer are played.
    mutating func deviceEvents(_ entry: pollfd) -> Int16 {
        while true {
            if !isPresent || lost.contains(entry.fd) { return Int16(POLLERR | POLLHUP | POLLPRI) }
            if controlEvents[entry.fd]?.isEmpty == false { return Int16(POLLPRI) }
            // As videobuf2 has it: who does not ask for buffers is not told how they are.
            if Int32(entry.events) & POLLIN == 0 { return 0 }
            if hasFailed || !isStreaming { return Int16(POLLERR) }
            if !events.isEmpty { return Int16(POLLPRI) }
            guard let step = steps.first else { return 0 }
            switch step {
            case .frame, .bytes, .damaged, .unused:
                if !queued.isEmpty { return Int16(POLLIN) }
                // Nothing to put it into: lost, as with a real driver.
                sequence &+= 1
            case .gap(let count): sequence &+= count
            case .event(let kind): events.append(kind)
            case .signal(let status, let size):
                inputStatus = status
                if let size { signalTimings = size }
                events.append(UInt32(V4L2_EVENT_SOURCE_CHANGE))
            case .unplug:
                isPresent = false
                lost = devices
            case .queueFailure: hasFailed = true
            }
            steps.removeFirst()
        }
    }

    /// Forgets the buffers; the memory lives on for those who mapped it.
    mutating func forgetBuffers() {
        memory = []
        queued = []
        isStreaming = false
    }

    mutating func map(_ offset: Int, _ byteCount: Int) -> Result<SystemCalls.Mapping, Errno> {
        if let errno = failure(of: "mmap") { return .failure(errno) }
        let (index, inside) = offset.quotientAndRemainder(dividingBy: ScriptedDriver.bufferSize)
        guard memory.indices.contains(index) else { return .failure(.invalidArgument) }
        mapped.insert(memory[index] + inside)
        return .success(SystemCalls.Mapping(address: memory[index] + inside, byteCount: byteCount))
    }

    mutating func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno? {
        guard devices.contains(descriptor) else { return .badFileDescriptor }
        let name = Self.names[request] ?? "unknown"
        let index =
            [CV4L2_QBUF, CV4L2_QUERYBUF].contains(request) ? " \(argument.as(v4l2_buffer.self).pointee.index)" : ""
        log.append(name + index)
        if !isPresent || lost.contains(descriptor) { return .operationNotSupportedByDevice }
        if let errno = failure(of: name) { return errno }
        return perform(descriptor, request, argument)
    }

    private mutating func perform(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno? {
        switch request {
        case CV4L2_QUERYCAP: return queryCapabilities(&argument.as(v4l2_capability.self).pointee)
        case CV4L2_ENUM_FMT: return enumerateFormats(&argument.as(v4l2_fmtdesc.self).pointee)
        case CV4L2_ENUM_FRAMESIZES: return enumerateSizes(&argument.as(v4l2_frmsizeenum.self).pointee)
        case CV4L2_ENUM_FRAMEINTERVALS: return enumerateIntervals(&argument.as(v4l2_frmivalenum.self).pointee)
        case CV4L2_G_FMT, CV4L2_S_FMT, CV4L2_TRY_FMT:
            return description.isMultiplanar
                ? exchangePlanes(&argument.as(v4l2_format.self).pointee, request)
                : exchangeFormat(&argument.as(v4l2_format.self).pointee, request)
        case CV4L2_G_PARM, CV4L2_S_PARM: return exchangeRate(&argument.as(v4l2_streamparm.self).pointee, request)
        case CV4L2_REQBUFS: return requestBuffers(&argument.as(v4l2_requestbuffers.self).pointee)
        case CV4L2_QUERYBUF: return queryBuffer(&argument.as(v4l2_buffer.self).pointee)
        case CV4L2_QBUF: return queueBuffer(Int(argument.as(v4l2_buffer.self).pointee.index))
        case CV4L2_DQBUF: return dequeueBuffer(&argument.as(v4l2_buffer.self).pointee)
        case CV4L2_STREAMON:
            isStreaming = true
            return nil
        case CV4L2_STREAMOFF:
            isStreaming = false
            queued = []
            return nil
        case CV4L2_SUBSCRIBE_EVENT: return subscribe(descriptor, argument.as(v4l2_event_subscription.self).pointee)
        case CV4L2_DQEVENT:
            if let event = takeControlEvent(descriptor) {
                argument.as(v4l2_event.self).pointee = event
                return nil
            }
            guard !events.isEmpty else { return .noSuchFileOrDirectory }
            argument.as(v4l2_event.self).pointee.type = events.removeFirst()
            return nil
        case CV4L2_QUERY_EXT_CTRL: return queryControl(&argument.as(v4l2_query_ext_ctrl.self).pointee)
        case CV4L2_QUERYMENU: return queryMenu(&argument.as(v4l2_querymenu.self).pointee)
        case CV4L2_G_EXT_CTRLS, CV4L2_S_EXT_CTRLS:
            return exchangeControls(argument.as(v4l2_ext_controls.self).pointee, request)
        case CV4L2_EXPBUF: return exportBuffer(&argument.as(v4l2_exportbuffer.self).pointee)
        default: return performOnInput(request, argument)
        }
    }

    private func queryCapabilities(_ capability: inout v4l2_capability) -> Errno? {
        fill(&capability.driver, description.driver)
        fill(&capability.card, "Scripted camera")
        fill(&capability.bus_info, description.bus)
        capability.capabilities = description.capabilities | UInt32(V4L2_CAP_DEVICE_CAPS)
        capability.device_caps = description.capabilities
        return nil
    }

    private func enumerateFormats(_ entry: inout v4l2_fmtdesc) -> Errno? {
        guard entry.index < description.formats.count else { return .invalidArgument }
        entry.pixelformat = description.formats[Int(entry.index)].pixelFormat.rawValue
        fill(&entry.description, description.formats[Int(entry.index)].pixelFormat.name)
        return nil
    }

    func format(_ code: UInt32) -> ScriptedDriver.Format? {
        description.formats.first { $0.pixelFormat.rawValue == code }
    }

    private func enumerateSizes(_ entry: inout v4l2_frmsizeenum) -> Errno? {
        guard let format = format(entry.pixel_format), entry.index < format.sizes.count else { return .invalidArgument }
        let size = format.sizes[Int(entry.index)]
        entry.type = V4L2_FRMSIZE_TYPE_DISCRETE.rawValue
        entry.discrete = v4l2_frmsize_discrete(width: UInt32(size.width), height: UInt32(size.height))
        return nil
    }

    private func enumerateIntervals(_ entry: inout v4l2_frmivalenum) -> Errno? {
        guard let format = format(entry.pixel_format), entry.index < format.rates.count else { return .invalidArgument }
        entry.type = V4L2_FRMIVAL_TYPE_DISCRETE.rawValue
        entry.discrete = format.rates[Int(entry.index)].kernelInterval
        return nil
    }

    private mutating func exchangeFormat(_ format: inout v4l2_format, _ request: UInt) -> Errno? {
        if request == CV4L2_S_FMT, !memory.isEmpty { return .resourceBusy }
        var code = PixelFormat(rawValue: format.fmt.pix.pixelformat)
        var size = Resolution(Int(format.fmt.pix.width), Int(format.fmt.pix.height))
        if request == CV4L2_G_FMT { (code, size) = (pixelFormat, self.size) }
        // As the kernel has it: what cannot be done becomes what can, without an error.
        let known = self.format(code.rawValue) ?? description.formats[0]
        if !known.sizes.contains(size) { size = known.sizes[0] }
        if request == CV4L2_S_FMT { (pixelFormat, self.size) = (known.pixelFormat, size) }
        let rowBytes = known.pixelFormat.layout(ofPlane: 0)?.rowBytes(width: size.width) ?? self.rowBytes
        let alignment = description.rowAlignment
        format.fmt.pix.pixelformat = known.pixelFormat.rawValue
        format.fmt.pix.width = UInt32(size.width)
        format.fmt.pix.height = UInt32(size.height)
        format.fmt.pix.bytesperline = UInt32((rowBytes + alignment - 1) / alignment * alignment)
        format.fmt.pix.sizeimage = UInt32(ScriptedDriver.bufferSize)
        format.fmt.pix.field = description.field
        let (colorspace, transfer, encoding, quantization) = description.color
        format.fmt.pix.colorspace = colorspace
        format.fmt.pix.xfer_func = transfer
        format.fmt.pix.ycbcr_enc = encoding
        format.fmt.pix.quantization = quantization
        return nil
    }

    private mutating func exchangeRate(_ parameters: inout v4l2_streamparm, _ request: UInt) -> Errno? {
        let rates = format(pixelFormat.rawValue)?.rates ?? []
        guard !rates.isEmpty else { return .inappropriateIOCTLForDevice }
        if request == CV4L2_S_PARM {
            let asked = parameters.parm.capture.timeperframe
            let wanted = Double(asked.denominator) / Double(asked.numerator)
            rate = rates.min { abs($0.framesPerSecond - wanted) < abs($1.framesPerSecond - wanted) } ?? rate
        }
        parameters.parm.capture.timeperframe = rate.kernelInterval
        return nil
    }

    private mutating func requestBuffers(_ request: inout v4l2_requestbuffers) -> Errno? {
        let isInUse = memory.contains { block in
            mapped.contains { (0..<ScriptedDriver.bufferSize).contains($0 - block) }
        }
        if isInUse, !description.freesMappedBuffers { return .resourceBusy }
        forgetBuffers()
        guard request.count > 0 else { return nil }
        let count = min(max(Int(request.count), description.bufferMinimum), description.bufferLimit)
        request.count = UInt32(count)
        memory = (0..<count).map { _ in .allocate(byteCount: ScriptedDriver.bufferSize, alignment: 4096) }
        allMemory += memory
        return nil
    }

    private func queryBuffer(_ buffer: inout v4l2_buffer) -> Errno? {
        guard memory.indices.contains(Int(buffer.index)) else { return .invalidArgument }
        if description.isMultiplanar { return queryPlanes(&buffer) }
        buffer.length = UInt32(ScriptedDriver.bufferSize)
        buffer.m.offset = buffer.index * UInt32(ScriptedDriver.bufferSize)
        return nil
    }

    private mutating func queueBuffer(_ index: Int) -> Errno? {
        guard memory.indices.contains(index), !queued.contains(index) else {
            violations.append("queued buffer \(index), which is not the program's")
            return .invalidArgument
        }
        queued.append(index)
        return nil
    }

    private mutating func dequeueBuffer(_ buffer: inout v4l2_buffer) -> Errno? {
        if hasFailed { return .ioError }
        guard isStreaming else { return .invalidArgument }
        guard let step = steps.first, let index = queued.first else { return .resourceTemporarilyUnavailable }
        let whole = pixelFormat.byteCount(of: size) ?? ScriptedDriver.bufferSize
        let padded = max(whole, ScriptedDriver.bufferSize / 2)
        buffer.flags = description.bufferFlags
        switch step {
        case .frame(let fill):
            memset(memory[index], Int32(fill), padded)
            buffer.bytesused = UInt32(padded)
        case .damaged:
            buffer.bytesused = UInt32(padded)
            buffer.flags |= UInt32(V4L2_BUF_FLAG_ERROR)
        case .unused:
            buffer.bytesused = 0
            buffer.flags |= UInt32(V4L2_BUF_FLAG_ERROR)
        case .bytes(let bytes):
            bytes.withUnsafeBytes {
                memory[index].copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory[index]), byteCount: $0.count)
            }
            buffer.bytesused = UInt32(bytes.count)
        case .gap, .event, .signal, .unplug, .queueFailure: return .resourceTemporarilyUnavailable
        }
        steps.removeFirst()
        queued.removeFirst()
        buffer.index = UInt32(index)
        buffer.length = UInt32(ScriptedDriver.bufferSize)
        if description.isMultiplanar { spreadOverPlanes(&buffer) }
        buffer.sequence = sequence
        buffer.timestamp = timeval(tv_sec: 1000 + Int(sequence), tv_usec: 250)
        if case .unused = step { buffer.sequence = 0 } else { sequence &+= 1 }
        return nil
    }

    func fill(_ characters: inout some Any, _ text: String) {
        withUnsafeMutableBytes(of: &characters) { bytes in
            for (index, byte) in text.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
        }
    }

    private static let names: [UInt: String] = [
        CV4L2_QUERYCAP: "VIDIOC_QUERYCAP", CV4L2_ENUM_FMT: "VIDIOC_ENUM_FMT",
        CV4L2_ENUM_FRAMESIZES: "VIDIOC_ENUM_FRAMESIZES", CV4L2_ENUM_FRAMEINTERVALS: "VIDIOC_ENUM_FRAMEINTERVALS",
        CV4L2_G_FMT: "VIDIOC_G_FMT", CV4L2_S_FMT: "VIDIOC_S_FMT", CV4L2_TRY_FMT: "VIDIOC_TRY_FMT",
        CV4L2_G_PARM: "VIDIOC_G_PARM", CV4L2_S_PARM: "VIDIOC_S_PARM", CV4L2_QUERY_EXT_CTRL: "VIDIOC_QUERY_EXT_CTRL",
        CV4L2_QUERYMENU: "VIDIOC_QUERYMENU", CV4L2_G_EXT_CTRLS: "VIDIOC_G_EXT_CTRLS",
        CV4L2_S_EXT_CTRLS: "VIDIOC_S_EXT_CTRLS", CV4L2_REQBUFS: "VIDIOC_REQBUFS", CV4L2_QUERYBUF: "VIDIOC_QUERYBUF",
        CV4L2_QBUF: "VIDIOC_QBUF", CV4L2_DQBUF: "VIDIOC_DQBUF", CV4L2_STREAMON: "VIDIOC_STREAMON",
        CV4L2_STREAMOFF: "VIDIOC_STREAMOFF", CV4L2_SUBSCRIBE_EVENT: "VIDIOC_SUBSCRIBE_EVENT",
        CV4L2_DQEVENT: "VIDIOC_DQEVENT", CV4L2_EXPBUF: "VIDIOC_EXPBUF", CV4L2_ENUMINPUT: "VIDIOC_ENUMINPUT",
        CV4L2_G_INPUT: "VIDIOC_G_INPUT", CV4L2_S_INPUT: "VIDIOC_S_INPUT", CV4L2_S_STD: "VIDIOC_S_STD",
        CV4L2_S_DV_TIMINGS: "VIDIOC_S_DV_TIMINGS", CV4L2_S_SELECTION: "VIDIOC_S_SELECTION",
    ]
}

extension FrameRate {
    fileprivate var kernelInterval: v4l2_fract {
        v4l2_fract(numerator: UInt32(denominator), denominator: UInt32(numerator))
    }
}

extension UnsafeMutableRawPointer {
    func `as`<Type>(_ type: Type.Type) -> UnsafeMutablePointer<Type> { assumingMemoryBound(to: type) }
}
