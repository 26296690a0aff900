"""As gunicorn.conf.py, but with limits that a test can wait for."""

from vvdash import patient

worker_class = "vvdash.patient.PatientWorker"
patient.SILENT, patient.WHOLE, patient.STUCK = 1.0, 3.0, 1.0
patient.MOST_IN = 8 * 1024 * 1024
