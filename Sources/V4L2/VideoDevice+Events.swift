// SPDX-License-Identifier: MIT

internal import CV4L2
internal import SystemPackage

/// Something that a device tells besides its pictures.
package struct DeviceEvent: Hashable, Sendable {
    /// What happened.
    package let kind: Kind

    /// What happened (`V4L2_EVENT_…`).
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        /// The signal at the input has another size or rate (`V4L2_EVENT_SOURCE_CHANGE`).
        package static let sourceChange = Kind(rawValue: UInt32(V4L2_EVENT_SOURCE_CHANGE))
    }
}

extension VideoDevice {
    /// Asks for events of a kind; false when the device has none.
    ///
    /// - Parameters:
    ///   - kind: What is to be told.
    ///   - identifier: What it is to be told of: of a signal, the input's number.
    @discardableResult
    package func subscribe(to kind: DeviceEvent.Kind, of identifier: UInt32 = 0) throws(DeviceError) -> Bool {
        var subscription = v4l2_event_subscription()
        subscription.type = kind.rawValue
        subscription.id = identifier
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
        return DeviceEvent(kind: DeviceEvent.Kind(rawValue: event.type))
    }
}
