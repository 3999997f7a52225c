// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import SystemPackage
internal import V4L2

extension ScriptedEncoder.State {
    mutating func ioctl(_ descriptor: Int32, _ request: UInt, _ argument: UnsafeMutableRawPointer) -> Errno? {
        guard devices.contains(descriptor) else { return .badFileDescriptor }
        let name = Self.names[request] ?? "unknown"
        if let errno = failure(of: name) { return errno }
        switch request {
        case CV4L2_QUERYCAP: return queryCapabilities(&argument.as(v4l2_capability.self).pointee)
        case CV4L2_ENUM_FMT: return enumerateFormats(&argument.as(v4l2_fmtdesc.self).pointee)
        case CV4L2_G_FMT, CV4L2_S_FMT: return exchangeFormat(&argument.as(v4l2_format.self).pointee, request)
        case CV4L2_S_PARM: return setRate(&argument.as(v4l2_streamparm.self).pointee)
        case CV4L2_S_SELECTION: return setCrop(&argument.as(v4l2_selection.self).pointee)
        case CV4L2_QUERY_EXT_CTRL: return queryControl(&argument.as(v4l2_query_ext_ctrl.self).pointee)
        case CV4L2_QUERYMENU: return queryMenu(&argument.as(v4l2_querymenu.self).pointee)
        case CV4L2_G_EXT_CTRLS, CV4L2_S_EXT_CTRLS:
            return exchangeControl(argument.as(v4l2_ext_controls.self).pointee, request)
        case CV4L2_ENCODER_CMD: return command(argument.as(v4l2_encoder_cmd.self).pointee.cmd)
        case CV4L2_REQBUFS: return requestBuffers(&argument.as(v4l2_requestbuffers.self).pointee)
        case CV4L2_QUERYBUF, CV4L2_QBUF, CV4L2_DQBUF:
            return exchangeBuffer(&argument.as(v4l2_buffer.self).pointee, request)
        case CV4L2_STREAMON: return stream(UInt32(argument.as(Int32.self).pointee), isOn: true)
        case CV4L2_STREAMOFF: return stream(UInt32(argument.as(Int32.self).pointee), isOn: false)
        default: return .inappropriateIOCTLForDevice
        }
    }

    /// Whether a type is that of the raw queue; nil for types that the device does not have.
    func isRaw(_ type: UInt32) -> Bool? {
        let type = BufferType(rawValue: type)
        guard type.isMultiplanar == description.isMultiplanar else { return nil }
        return type.isOutput
    }

    mutating func note(_ call: String, _ isRaw: Bool) { log.append("\(call) \(isRaw ? "OUTPUT" : "CAPTURE")") }

    private func queryCapabilities(_ capability: inout v4l2_capability) -> Errno? {
        fill(&capability.driver, "scripted")
        fill(&capability.card, "Scripted encoder")
        capability.device_caps =
            UInt32(description.isMultiplanar ? V4L2_CAP_VIDEO_M2M_MPLANE : V4L2_CAP_VIDEO_M2M)
            | UInt32(V4L2_CAP_STREAMING)
        capability.capabilities = capability.device_caps | UInt32(V4L2_CAP_DEVICE_CAPS)
        return nil
    }

    private mutating func enumerateFormats(_ entry: inout v4l2_fmtdesc) -> Errno? {
        guard let isRaw = isRaw(entry.type) else { return .invalidArgument }
        if isRaw, codedFormat == nil { violations.append("asked for raw formats before the coded one was set") }
        let list = isRaw ? description.raw : description.coded
        guard entry.index < list.count else { return .invalidArgument }
        entry.pixelformat = list[Int(entry.index)].rawValue
        fill(&entry.description, list[Int(entry.index)].description)
        if !isRaw {
            entry.flags = UInt32(V4L2_FMT_FLAG_COMPRESSED)
            if description.hasOwnInterval { entry.flags |= UInt32(V4L2_FMT_FLAG_ENC_CAP_FRAME_INTERVAL) }
        }
        return nil
    }

    private mutating func exchangeFormat(_ format: inout v4l2_format, _ request: UInt) -> Errno? {
        guard let isRaw = isRaw(format.type) else { return .invalidArgument }
        if request == CV4L2_S_FMT {
            note("VIDIOC_S_FMT", isRaw)
            let wish = wish(format)
            if isRaw {
                guard raw.count == 0 else { return refuse("changed the raw format with buffers allocated") }
                if codedFormat == nil { violations.append("set the raw format before the coded one") }
                setRawFormat(wish)
                if description.sizesCodedByRaw { codedByteCount = description.codedByteCount }
            } else {
                guard raw.count == 0, coded.count == 0 else {
                    return refuse("changed the coded format with buffers allocated")
                }
                let known = description.coded.contains { $0.rawValue == wish.format }
                codedFormat = known ? PixelFormat(rawValue: wish.format) : description.coded[0]
                codedByteCount = max(wish.byteCount, description.codedByteCount)
                if description.forgetsRawFormat {
                    // As the document warns, the raw format may change with it.
                    (rawFormat, size) = (description.raw[0], description.smallest)
                    crop = size
                }
            }
        }
        report(&format, isRaw: isRaw)
        return nil
    }

    private func wish(_ format: v4l2_format) -> (format: UInt32, size: Resolution, byteCount: Int, color: UInt32) {
        if description.isMultiplanar {
            let wish = format.fmt.pix_mp
            return (
                wish.pixelformat, Resolution(width: Int(wish.width), height: Int(wish.height)),
                Int(wish.plane_fmt.0.sizeimage), wish.colorspace
            )
        }
        let wish = format.fmt.pix
        return (
            wish.pixelformat, Resolution(width: Int(wish.width), height: Int(wish.height)), Int(wish.sizeimage),
            wish.colorspace
        )
    }

    private mutating func setRawFormat(_ wish: (format: UInt32, size: Resolution, byteCount: Int, color: UInt32)) {
        rawFormat = description.raw.first { $0.rawValue == wish.format } ?? description.raw[0]
        func fit(_ value: Int, _ least: Int, _ most: Int, _ step: Int) -> Int {
            (min(max(value, least), most) + step - 1) / step * step
        }
        size = Resolution(
            width: fit(
                wish.size.width, description.smallest.width, description.largest.width, description.alignment.width),
            height: fit(
                wish.size.height, description.smallest.height, description.largest.height, description.alignment.height)
        )
        crop = size
        color.0 = wish.color
    }

    private func report(_ format: inout v4l2_format, isRaw: Bool) {
        let code = isRaw ? rawFormat.rawValue : (codedFormat ?? description.coded[0]).rawValue
        let counts = isRaw ? rawByteCounts : [codedByteCount]
        let stride = isRaw ? rawFormat.inOneMemory.layout(ofPlane: 0)?.rowBytes(width: size.width) ?? 0 : 0
        if description.isMultiplanar {
            format.fmt.pix_mp.pixelformat = code
            format.fmt.pix_mp.width = UInt32(size.width)
            format.fmt.pix_mp.height = UInt32(size.height)
            format.fmt.pix_mp.num_planes = UInt8(counts.count)
            withUnsafeMutableBytes(of: &format.fmt.pix_mp.plane_fmt) { bytes in
                let planes = bytes.bindMemory(to: v4l2_plane_pix_format.self)
                for (index, count) in counts.enumerated() {
                    let layout = rawFormat.inOneMemory.layout(ofPlane: index)
                    planes[index].sizeimage = UInt32(count)
                    planes[index].bytesperline = UInt32(isRaw ? layout?.rowBytes(width: size.width) ?? 0 : 0)
                }
            }
        } else {
            format.fmt.pix.pixelformat = code
            format.fmt.pix.width = UInt32(size.width)
            format.fmt.pix.height = UInt32(size.height)
            format.fmt.pix.sizeimage = UInt32(counts[0])
            format.fmt.pix.bytesperline = UInt32(stride)
        }
    }

    private mutating func setRate(_ parameters: inout v4l2_streamparm) -> Errno? {
        guard let isRaw = isRaw(parameters.type) else { return .invalidArgument }
        note("VIDIOC_S_PARM", isRaw)
        if !isRaw, !description.hasOwnInterval { return .inappropriateIOCTLForDevice }
        let asked = isRaw ? parameters.parm.output.timeperframe : parameters.parm.capture.timeperframe
        var rate = FrameRate(Int(asked.denominator), Int(asked.numerator))
        if rate.framesPerSecond > description.fastestRate.framesPerSecond { rate = description.fastestRate }
        let interval = v4l2_fract(numerator: UInt32(rate.denominator), denominator: UInt32(rate.numerator))
        if isRaw {
            // The document: "also sets the coded frame interval".
            (rawRate, codedRate) = (rate, rate)
            parameters.parm.output.timeperframe = interval
        } else {
            codedRate = rate
            parameters.parm.capture.timeperframe = interval
        }
        return nil
    }

    private mutating func setCrop(_ selection: inout v4l2_selection) -> Errno? {
        guard selection.type == V4L2_BUF_TYPE_VIDEO_OUTPUT.rawValue, selection.target == UInt32(V4L2_SEL_TGT_CROP)
        else { return .invalidArgument }
        note("VIDIOC_S_SELECTION", true)
        func fit(_ value: UInt32, _ most: Int) -> Int {
            let step = description.cropAlignment
            return min((Int(value) + step - 1) / step * step, most)
        }
        crop = Resolution(
            width: fit(selection.r.width, size.width), height: fit(selection.r.height, size.height))
        selection.r.width = UInt32(crop.width)
        selection.r.height = UInt32(crop.height)
        return nil
    }

    private mutating func command(_ command: UInt32) -> Errno? {
        guard description.hasCommands else { return .inappropriateIOCTLForDevice }
        if hasFailed { return .ioError }
        let isStop = command == UInt32(V4L2_ENC_CMD_STOP)
        log.append(isStop ? "V4L2_ENC_CMD_STOP" : "V4L2_ENC_CMD_START")
        guard !isDraining else { return refuse("\(isStop ? "STOP" : "START") during a drain") }
        if isStop {
            // The document: it does not fail while a queue does not stream, but nothing is begun.
            guard raw.isStreaming, coded.isStreaming else { return nil }
            guard !isStopped else { return nil }
            isDraining = true
        } else {
            isStopped = false
            if !description.staysAtEnd { lastWasTaken = false }
        }
        work()
        return nil
    }

    mutating func refuse(_ violation: String) -> Errno {
        violations.append(violation)
        return .resourceBusy
    }

    func fill(_ characters: inout some Any, _ text: String) {
        withUnsafeMutableBytes(of: &characters) { bytes in
            for (index, byte) in text.utf8.prefix(bytes.count - 1).enumerated() { bytes[index] = byte }
        }
    }

    private static let names: [UInt: String] = [
        CV4L2_QUERYCAP: "VIDIOC_QUERYCAP", CV4L2_S_FMT: "VIDIOC_S_FMT", CV4L2_REQBUFS: "VIDIOC_REQBUFS",
        CV4L2_QBUF: "VIDIOC_QBUF", CV4L2_DQBUF: "VIDIOC_DQBUF", CV4L2_STREAMON: "VIDIOC_STREAMON",
        CV4L2_ENCODER_CMD: "VIDIOC_ENCODER_CMD", CV4L2_S_EXT_CTRLS: "VIDIOC_S_EXT_CTRLS",
    ]
}
