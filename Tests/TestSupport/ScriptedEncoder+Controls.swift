// SPDX-License-Identifier: MIT

internal import CV4L2
internal import CameraCore
internal import SystemPackage
internal import V4L2

extension ScriptedEncoder {
    /// The controls of a good encoder of H.264.
    package static let usualControls: [ScriptedDriver.Control] = {
        func control(
            _ identifier: UInt32, _ name: String, _ range: ClosedRange<Int64>, value: Int64,
            kind: UInt32 = V4L2_CTRL_TYPE_INTEGER.rawValue, choices: [Int64: String] = [:]
        ) -> ScriptedDriver.Control {
            ScriptedDriver.Control(identifier, name, kind: kind, range, value: value, choices: choices)
        }
        let boolean = V4L2_CTRL_TYPE_BOOLEAN.rawValue
        let menu = V4L2_CTRL_TYPE_MENU.rawValue
        return [
            control(EncoderControl.bitRate, "Video Bitrate", 25_000...25_000_000, value: 10_000_000),
            control(EncoderControl.groupSize, "Video GOP Size", 0...1000, value: 60),
            control(
                EncoderControl.forceKeyFrame, "Force Key Frame", 0...0, value: 0,
                kind: V4L2_CTRL_TYPE_BUTTON.rawValue),
            control(EncoderControl.repeatHeaders, "Repeat Sequence Header", 0...1, value: 0, kind: boolean),
            control(
                EncoderControl.profileH264, "H264 Profile", 0...4, value: 0, kind: menu,
                choices: [0: "Baseline", 2: "Main", 4: "High"]),
            control(
                EncoderControl.levelH264, "H264 Level", 0...15, value: 11, kind: menu,
                choices: Dictionary(
                    uniqueKeysWithValues: EncoderControl.levelsH264.filter { $0.value <= 15 }.map { ($1, $0) })),
        ]
    }()
}

extension ScriptedEncoder.State {
    func queryControl(_ query: inout v4l2_query_ext_ctrl) -> Errno? {
        let flags = UInt32(V4L2_CTRL_FLAG_NEXT_CTRL) | UInt32(V4L2_CTRL_FLAG_NEXT_COMPOUND)
        let wanted = query.id & ~flags
        var controls = description.controls
        if let least = description.minimumRawBuffers {
            controls.append(
                ScriptedDriver.Control(
                    EncoderControl.minimumRawBuffers, "Min Number of Output Buffers",
                    kind: V4L2_CTRL_TYPE_INTEGER.rawValue, 1...32, value: least,
                    flags: UInt32(V4L2_CTRL_FLAG_READ_ONLY)))
        }
        controls.sort { $0.identifier < $1.identifier }
        let found =
            query.id & flags == 0
            ? controls.first { $0.identifier == wanted } : controls.first { $0.identifier > wanted }
        guard let control = found else { return .invalidArgument }
        query.id = control.identifier
        query.type = control.kind
        fill(&query.name, control.name)
        query.minimum = control.range.lowerBound
        query.maximum = control.range.upperBound
        query.step = control.step
        query.flags = control.flags
        return nil
    }

    func queryMenu(_ query: inout v4l2_querymenu) -> Errno? {
        guard let control = description.controls.first(where: { $0.identifier == query.id }),
            let choice = control.choices[Int64(query.index)]
        else { return .invalidArgument }
        fill(&query.name, choice)
        return nil
    }

    mutating func exchangeControl(_ controls: v4l2_ext_controls, _ request: UInt) -> Errno? {
        guard let entry = controls.controls else { return .invalidArgument }
        let identifier = entry.pointee.id
        if identifier == EncoderControl.minimumRawBuffers, let least = description.minimumRawBuffers {
            entry.pointee.value = Int32(least)
            return nil
        }
        guard let index = description.controls.firstIndex(where: { $0.identifier == identifier }) else {
            return .invalidArgument
        }
        guard request == CV4L2_S_EXT_CTRLS else {
            entry.pointee.value = Int32(description.controls[index].value)
            return nil
        }
        log.append("VIDIOC_S_EXT_CTRLS \(description.controls[index].name)")
        if description.grabbed.contains(identifier), coded.isStreaming { return .resourceBusy }
        if identifier == EncoderControl.forceKeyFrame {
            forcesKey = description.heedsForcedKeyFrames
        } else {
            description.controls[index].value = Int64(entry.pointee.value)
        }
        return nil
    }
}
