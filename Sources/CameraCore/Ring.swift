// SPDX-License-Identifier: MIT

/// A queue in memory that goes round: appending and removing at both ends take the same time however many there are.
package struct Ring<Element> {
    /// A power of two of places.
    private var places: [Element?] = Array(repeating: nil, count: 16)
    private var start = 0
    package private(set) var count = 0

    /// Makes an empty one.
    package init() {}

    private func place(_ position: Int) -> Int { (start + position) & (places.count - 1) }

    /// Appends an element.
    package mutating func append(_ element: Element) {
        if count == places.count {
            places = places[start...] + places[..<start] + Array(repeating: nil, count: count)
            start = 0
        }
        places[place(count)] = element
        count += 1
    }

    /// The oldest element; nil when there is none.
    package var first: Element? { count > 0 ? places[start] : nil }

    /// Removes the oldest element; nil when there is none.
    package mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        defer {
            places[start] = nil
            start = place(1)
            count -= 1
        }
        return places[start]
    }

    /// Removes all elements.
    package mutating func removeAll() {
        while popFirst() != nil {}
    }

    /// Removes the newest element; nil when there is none.
    package mutating func popLast() -> Element? {
        guard count > 0 else { return nil }
        defer {
            places[place(count - 1)] = nil
            count -= 1
        }
        return places[place(count - 1)]
    }
}

extension Ring: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    /// The element at a position, the oldest at 0.
    package subscript(position: Int) -> Element {
        get {
            guard position < count, let element = places[place(position)] else {
                preconditionFailure("position \(position) is not among \(count)")
            }
            return element
        }
        set { places[place(position)] = newValue }
    }
}

extension Ring: Sendable where Element: Sendable {}
