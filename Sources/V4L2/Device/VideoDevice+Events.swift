// SPDX-License-Identifier: MIT

internal import CV4L2
internal import SystemPackage

/// Something that a device tells besides its pictures.
package struct DeviceEvent: Hashable, Sendable {
    /// What happened.
    package let kind: Kind
    /// The change of a control, when that is what happened.
    package let control: ControlEvent?

    /// What happened (`V4L2_EVENT_…`).
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The signal at the input has another size or rate (`V4L2_EVENT_SOURCE_CHANGE`).
        package static let sourceChange = Kind(rawValue: UInt32(V4L2_EVENT_SOURCE_CHANGE))
        /// A control has changed (`V4L2_EVENT_CTRL`).
        package static let control = Kind(rawValue: UInt32(V4L2_EVENT_CTRL))
    }
}

/// A change of a control (`struct v4l2_event_ctrl`).
package struct ControlEvent: Hashable, Sendable {
    /// The number that the kernel knows the control by.
    package let identifier: UInt32
    /// What has changed.
    package let changes: Changes

    /// What has changed (`V4L2_EVENT_CTRL_CH_…`); bits that are not named here are kept.
    package struct Changes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The value.
        package static let value = Changes(rawValue: UInt32(V4L2_EVENT_CTRL_CH_VALUE))
        /// What can be done with it.
        package static let flags = Changes(rawValue: UInt32(V4L2_EVENT_CTRL_CH_FLAGS))
        /// The range, the step, the default or the choices.
        package static let range = Changes(rawValue: UInt32(V4L2_EVENT_CTRL_CH_RANGE))
        /// The lengths of an array's axes.
        package static let dimensions = Changes(rawValue: UInt32(V4L2_EVENT_CTRL_CH_DIMENSIONS))
    }
}

extension VideoDevice {
    /// Asks for events of a kind; false when the device has none.
    ///
    /// - Parameters:
    ///   - kind: What is to be told.
    ///   - identifier: What it is to be told of: of a signal, the input's number.
    /// - Returns: Whether the device has such events.
    /// - Throws: The driver's error.
    @discardableResult
    package func subscribe(to kind: DeviceEvent.Kind, of identifier: UInt32 = 0) throws(DeviceError) -> Bool {
        var subscription = v4l2_event_subscription()
        subscription.type = kind.rawValue
        subscription.id = identifier
        return try performIfMore(.subscribeEvent, &subscription)
    }

    /// Asks for an event at each change of a control, also when it is made by way of this very object; false when the
    /// driver has no events.
    @discardableResult
    package func subscribe(to control: ControlDescription) throws(DeviceError) -> Bool {
        var subscription = v4l2_event_subscription()
        subscription.type = DeviceEvent.Kind.control.rawValue
        subscription.id = control.identifier
        subscription.flags = UInt32(V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK)
        return try performIfMore(.subscribeEvent, &subscription)
    }

    /// The oldest event that was not taken yet; nil when there is none.
    package func nextEvent() throws(DeviceError) -> DeviceEvent? {
        var event = v4l2_event()
        do throws(DeviceError) {
            try perform(.dequeueEvent, &event)
        } catch {
            guard error.errno == .noSuchFileOrDirectory || error.errno == .resourceTemporarilyUnavailable else {
                throw error
            }
            return nil
        }
        let kind = DeviceEvent.Kind(rawValue: event.type)
        let control = ControlEvent(
            identifier: event.id, changes: ControlEvent.Changes(rawValue: event.u.ctrl.changes))
        return DeviceEvent(kind: kind, control: kind == .control ? control : nil)
    }
}
