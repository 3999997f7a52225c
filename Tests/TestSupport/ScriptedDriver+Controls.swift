// SPDX-License-Identifier: MIT

internal import CV4L2
internal import Glibc
package import SystemPackage

extension ScriptedDriver {
    /// One of the device's controls; it keeps the rules of the kernel's control framework.
    package struct Control: Sendable {
        package let identifier: UInt32
        package let name: String
        package let kind: UInt32
        package var range: ClosedRange<Int64>
        package var flags: UInt32
        package let choices: [Int64: String]
        package var value: Int64
        package var text = ""
        package var step: UInt64 = 1
        package var initial: Int64
        /// The bytes of an array, those of an element, and the lengths of the axes.
        package var bytes: [UInt8] = []
        package var elementByteCount = 4
        package var dimensions: [Int] = []
        /// What setting the control answers instead of doing it.
        package var refusal: Errno?
        /// Controls that are inactive while this one is not 0.
        package var rules: [UInt32] = []

        package init(
            _ identifier: UInt32, _ name: String, kind: UInt32, _ range: ClosedRange<Int64>, value: Int64,
            initial: Int64? = nil, step: UInt64 = 1, flags: UInt32 = 0, choices: [Int64: String] = [:]
        ) {
            self.identifier = identifier
            self.name = name
            self.kind = kind
            self.range = range
            self.flags = flags
            self.choices = choices
            self.value = value
            self.step = step
            self.initial = initial ?? range.lowerBound
        }

        /// An array of zeros.
        package init(
            _ identifier: UInt32, _ name: String, kind: UInt32, _ range: ClosedRange<Int64>, elementByteCount: Int,
            dimensions: [Int], isDynamic: Bool = false
        ) {
            self.init(identifier, name, kind: kind, range, value: 0, flags: isDynamic ? 0x900 : 0x100)
            self.elementByteCount = elementByteCount
            self.dimensions = dimensions
            bytes = Array(repeating: 0, count: elementByteCount * (isDynamic ? 1 : dimensions.reduce(1, *)))
        }

        var hasPayload: Bool { flags & UInt32(V4L2_CTRL_FLAG_HAS_PAYLOAD) != 0 && !isText }
        var isText: Bool { kind == V4L2_CTRL_TYPE_STRING.rawValue }
    }

    /// The value of a control.
    package func value(ofControl name: String) -> Int64? {
        state.withLock { $0.description.controls.first { $0.name == name }?.value }
    }

    /// The text of a control.
    package func text(ofControl name: String) -> String? {
        state.withLock { $0.description.controls.first { $0.name == name }?.text }
    }

    /// The bytes of an array control.
    package func bytes(ofControl name: String) -> [UInt8]? {
        state.withLock { $0.description.controls.first { $0.name == name }?.bytes }
    }

    /// Takes the device away, whether it streams or not.
    package func unplug() { state.update { $0.isPresent = false } }

    /// Changes a control as another program or the device itself does; who watches it is told.
    package func change(_ name: String, _ changes: UInt32 = 1, _ body: @Sendable (inout Control) -> Void) {
        state.update { state in
            guard let index = state.description.controls.firstIndex(where: { $0.name == name }) else { return }
            body(&state.description.controls[index])
            state.tell(of: state.description.controls[index].identifier, changes)
        }
    }
}

extension ScriptedDriver.State {
    mutating func subscribe(_ descriptor: Int32, _ subscription: v4l2_event_subscription) -> Errno? {
        guard subscription.type == UInt32(V4L2_EVENT_CTRL) else { return nil }
        guard description.controls.contains(where: { $0.identifier == subscription.id }) else {
            return .invalidArgument
        }
        subscriptions[descriptor, default: []].insert(subscription.id)
        return nil
    }

    mutating func takeControlEvent(_ descriptor: Int32) -> v4l2_event? {
        guard let first = controlEvents[descriptor]?.first else { return nil }
        controlEvents[descriptor]?.removeFirst()
        return first
    }

    /// Tells all files that watch a control of its change; changes that were not taken become one.
    mutating func tell(of identifier: UInt32, _ changes: UInt32) {
        for (descriptor, watched) in subscriptions where watched.contains(identifier) {
            var event = v4l2_event()
            event.type = UInt32(V4L2_EVENT_CTRL)
            event.id = identifier
            event.u.ctrl.changes = changes
            if let waiting = controlEvents[descriptor]?.firstIndex(where: { $0.id == identifier }) {
                controlEvents[descriptor]?[waiting].u.ctrl.changes |= changes
            } else {
                controlEvents[descriptor, default: []].append(event)
            }
        }
    }

    func queryControl(_ query: inout v4l2_query_ext_ctrl) -> Errno? {
        let flags = UInt32(V4L2_CTRL_FLAG_NEXT_CTRL) | UInt32(V4L2_CTRL_FLAG_NEXT_COMPOUND)
        let wanted = query.id & ~flags
        let sorted = description.controls.sorted { $0.identifier < $1.identifier }
        let found =
            query.id & flags == 0
            ? sorted.first { $0.identifier == wanted } : sorted.first { $0.identifier > wanted }
        guard let control = found else { return .invalidArgument }
        query.id = control.identifier
        query.type = control.kind
        fill(&query.name, control.name)
        query.minimum = control.range.lowerBound
        query.maximum = control.range.upperBound
        query.step = control.step
        query.default_value = control.initial
        query.flags = control.flags
        query.elems = 1
        query.elem_size = UInt32(control.isText ? Int(control.range.upperBound) + 1 : control.elementByteCount)
        if control.hasPayload {
            query.elems = UInt32(control.bytes.count / control.elementByteCount)
            query.nr_of_dims = UInt32(control.dimensions.count)
            withUnsafeMutableBytes(of: &query.dims) { dims in
                for (index, length) in control.dimensions.enumerated() {
                    dims.storeBytes(of: UInt32(length), toByteOffset: index * 4, as: UInt32.self)
                }
            }
        }
        return nil
    }

    func queryMenu(_ query: inout v4l2_querymenu) -> Errno? {
        guard let control = description.controls.first(where: { $0.identifier == query.id }),
            let choice = control.choices[Int64(query.index)]
        else { return .invalidArgument }
        if control.kind == V4L2_CTRL_TYPE_INTEGER_MENU.rawValue {
            query.value = Int64(choice) ?? 0
        } else {
            fill(&query.name, choice)
        }
        return nil
    }

    mutating func exchangeControls(_ controls: v4l2_ext_controls, _ request: UInt) -> Errno? {
        guard let entry = controls.controls,
            let index = description.controls.firstIndex(where: { $0.identifier == entry.pointee.id })
        else { return .invalidArgument }
        let control = description.controls[index]
        if request == CV4L2_S_EXT_CTRLS {
            if let errno = control.refusal { return errno }
            return set(index, to: entry.pointee)
        }
        let isInitial = controls.which == UInt32(V4L2_CTRL_WHICH_DEF_VAL)
        if control.hasPayload {
            guard entry.pointee.size >= control.bytes.count else { return .noSpace }
            for (offset, byte) in control.bytes.enumerated() { entry.pointee.p_u8[offset] = isInitial ? 0 : byte }
        } else if control.isText {
            strcpy(entry.pointee.string, isInitial ? "  " : control.text)
        } else if control.kind == V4L2_CTRL_TYPE_INTEGER64.rawValue {
            entry.pointee.value64 = control.value
        } else {
            entry.pointee.value = Int32(truncatingIfNeeded: control.value)
        }
        return nil
    }

    /// Sets a control, rounds it to its range as the kernel does, and tells who watches.
    private mutating func set(_ index: Int, to entry: v4l2_ext_control) -> Errno? {
        let control = description.controls[index]
        if control.hasPayload {
            let isDynamic = control.flags & UInt32(V4L2_CTRL_FLAG_DYNAMIC_ARRAY) != 0
            guard isDynamic || Int(entry.size) == control.bytes.count else { return .noSpace }
            description.controls[index].bytes = (0..<Int(entry.size)).map { entry.p_u8[$0] }
        } else if control.isText {
            description.controls[index].text = String(cString: entry.string)
        } else if control.kind == V4L2_CTRL_TYPE_INTEGER64.rawValue {
            description.controls[index].value = entry.value64
        } else if control.kind == V4L2_CTRL_TYPE_BITMASK.rawValue {
            description.controls[index].value = Int64(UInt32(bitPattern: entry.value))
        } else {
            let step = Int64(control.step)
            let value = min(max(Int64(entry.value) + step / 2, control.range.lowerBound), control.range.upperBound)
            description.controls[index].value =
                control.range.lowerBound + (value - control.range.lowerBound) / step * step
        }
        let isRuling = description.controls[index].value != 0
        for other in description.controls.indices where control.rules.contains(description.controls[other].identifier) {
            let inactive = UInt32(V4L2_CTRL_FLAG_INACTIVE)
            if isRuling {
                description.controls[other].flags |= inactive
            } else {
                description.controls[other].flags &= ~inactive
            }
            tell(of: description.controls[other].identifier, UInt32(V4L2_EVENT_CTRL_CH_FLAGS))
        }
        tell(of: control.identifier, UInt32(V4L2_EVENT_CTRL_CH_VALUE))
        return nil
    }
}
