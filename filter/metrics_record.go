package filter

import (
	"github.com/prometheus/client_golang/prometheus"

	"councilgate/filter/record"
)

// recordMetrics counts what becomes of the record of verdicts.
type recordMetrics struct {
	verdicts *prometheus.CounterVec
	broken   prometheus.Counter
	up       prometheus.Gauge
}

func newRecordMetrics() recordMetrics {
	m := recordMetrics{
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "councilgate_record_verdicts_total",
			Help: "Verdicts written to the record, and dropped because there was no room for them or the disk failed.",
		}, []string{"result"}),
		broken: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "councilgate_record_broken_lines_total",
			Help: "Lines of the record that could not be read when councilgate started.",
		}),
		up: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "councilgate_record_up",
			Help: "Whether verdicts are being recorded, and removed when they are too old; 0 also if there is no record.",
		}),
	}
	for _, result := range []string{"written", "dropped"} {
		m.verdicts.WithLabelValues(result)
	}
	return m
}

func (m recordMetrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.verdicts, m.broken, m.up}
}

// RecordEvents counts what becomes of the record.
func (m *Metrics) RecordEvents() record.Events {
	return record.Events{
		Written: func(n int) { m.record.verdicts.WithLabelValues("written").Add(float64(n)) },
		Dropped: func(n int) { m.record.verdicts.WithLabelValues("dropped").Add(float64(n)) },
		Broken:  func(n int) { m.record.broken.Add(float64(n)) },
		Up:      func(up bool) { m.record.up.Set(oneIf(up)) },
	}
}
